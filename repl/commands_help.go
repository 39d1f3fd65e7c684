package repl

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"

	"smtpsh/engine/verb"
	"smtpsh/internal/explain"
	"smtpsh/transcript"
)

func helpCommands() []Command {
	return []Command{{
		Names: []string{"help", "h", "?"}, Group: "help", Args: []Arg{{Name: "COMMAND|VERB", Kind: Name, Optional: true}},
		Summary: "list the commands, or explain one",
		Detail:  "Without an argument it lists the commands of the prompt and the verbs of SMTP. With one it shows how to use it.",
		Example: ":help\n:help open\n:help RCPT",
		run:     func(_ context.Context, r *REPL, args []string) error { return r.help(args) },
	}}
}

func (r *REPL) help(args []string) error {
	if len(args) == 1 {
		name := strings.ToLower(strings.TrimPrefix(args[0], ":"))
		if c, _ := find(name); c != nil && (strings.HasPrefix(args[0], ":") || !isVerb(args[0])) {
			r.screen.print(describe(*c))
			return nil
		}
		if ours := commandNamed(args[0]); ours != nil { // an SMTP verb has the same name, such as SEND
			if args[0] == strings.ToUpper(args[0]) { // verbs are usually written in capitals, so the verb comes first
				defer func() {
					r.screen.print("\nThe prompt has a command with the same name:\n\n" + describe(*ours))
				}()
			} else {
				r.screen.print(describe(*ours) + "\nSMTP has a command with the same name:\n\n")
			}
		}
		return r.explain(args[0])
	}
	var b strings.Builder
	group := ""
	for _, c := range Commands() {
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		b.WriteString(explain.Columns([][2]string{{c.Usage(), c.Summary}}))
	}
	var verbs []string
	for _, v := range verb.Verbs() {
		if !v.Rare {
			verbs = append(verbs, v.Name)
		}
	}
	b.WriteString("verbs of SMTP, sent as typed (:help VERB shows more)\n" + explain.Indent("  ", strings.Join(verbs, " ")))
	b.WriteString("keys\n" + explain.Indent("  ", "Tab completes, Up recalls, ^R searches, "+
		"^C ends a wait and closes the connection, ^D exits"))
	r.screen.page(b.String())
	return nil
}

func isVerb(word string) bool {
	_, ok := verb.Lookup(word)
	return ok
}

func describe(c Command) string {
	out := c.Usage() + "\n" + explain.Indent("  ", strings.ToUpper(c.Summary[:1])+c.Summary[1:]+". "+c.Detail)
	if len(c.Names) > 1 {
		out += "  also     :" + strings.Join(c.Names[1:], " :") + "\n"
	}
	for i, l := range strings.Split(c.Example, "\n") {
		switch {
		case c.Example == "":
		case i == 0:
			out += "  example  " + l + "\n"
		default:
			out += "           " + l + "\n"
		}
	}
	return out
}

// explain prints the explanation of a term, or of each word if no term has this name.
func (r *REPL) explain(words string) error {
	var b bytes.Buffer
	ok, err := explain.Word(&b, words)
	if err != nil {
		return err
	}
	if !ok {
		for i, word := range explain.Phrases(strings.Fields(words)) {
			if i > 0 {
				b.WriteString("\n")
			}
			if ok, err = explain.Word(&b, word); err != nil {
				return err
			}
			if !ok {
				return wrong(cmp.Or(explain.NoCode(word), explain.Unknown(word)), "unknown word %q", transcript.Escape(word))
			}
		}
	}
	r.screen.page(b.String())
	return nil
}
