/** Figures of a report, by the names that its summary gives them; severities, `suppressed` and `fixable` as sums over all classes. */
export type Figures = Readonly<Record<string, number | null>>

/**
 * What is expected of a file of the corpus: the code of its refusal, or what it is read as. The figures are counted anew from the raw text, by
 * other means than the parsers': what both say alike, neither got wrong in its own way.
 */
export type Expected =
  | { refused: string }
  | {
      format: string
      /** The format has to be stated, since several tools write the like. */
      stated?: true
      /** `complete` if it isn't said. */
      completeness?: 'empty' | 'partial' | 'failed'
      figures: (text: string) => Figures
    }

/** What is expected of files of the corpus, by their paths. */
export type CorpusTable = Readonly<Record<string, Expected>>
