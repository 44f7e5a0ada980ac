/** Text that a person wrote, of so many characters at most: not empty, well-formed Unicode (a lone surrogate has no canonical form), without control characters. */
export function isFreeText(text: string, maxLength: number): boolean {
  return text.trim() !== '' && [...text].length <= maxLength && text.isWellFormed() && !/\p{Cc}/u.test(text)
}
