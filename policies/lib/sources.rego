# METADATA
# title: Sources
# description: The source revisions that the subject is made of, as far as the links to them are trusted.
# scope: package
package portcullis.lib.sources

import data.portcullis.lib.settings

# METADATA
# description: The ids of the revisions by links that the parameter `linkProof` admits.
trusted contains source.id if {
	some source in input.sources
	proven(source)
}

proven(source) if source.proof == "provenance"

proven(_) if object.get(settings.effective, "linkProof", "declared") == "declared"
