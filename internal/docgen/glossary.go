package docgen

import (
	"bytes"
	"fmt"
	"strings"

	"smtpsh/internal/concepts"
)

// glossaryPage lists the words that this project uses, and those that it does not use.
func glossaryPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Glossary\n\n" + generated + `
This page defines the words of mail and of smtpsh, each in one sentence. The texts use the first word.
The words in parentheses lead to the same entry; they are not always synonyms. *Not used here* marks
words that must not replace the first one. ` + "`smtpsh explain WORD`" + `,
or ` + "`:explain WORD`" + ` at the prompt, shows more: an example, what usually goes
wrong, and lines to type. Commands, reply codes, extensions and mechanisms are
in the [reference](reference/).
`)
	for _, g := range concepts.Groups() {
		fmt.Fprintf(&b, "\n## %s\n\n| word | what it is | defined in |\n|---|---|---|\n", g)
		for _, c := range concepts.All() {
			if c.Group != g {
				continue
			}
			name := c.Name
			if len(c.Also) > 0 {
				name += " (" + strings.Join(c.Also, ", ") + ")"
			}
			definition := c.Definition + "."
			if len(c.Avoid) > 0 {
				definition += " Not used here: " + strings.Join(c.Avoid, ", ") + "."
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(name), cell(definition), cell(c.Source))
		}
	}
	return b.Bytes()
}
