package repl

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"smtpsh/engine/verb"
	"smtpsh/internal/explain"
	"smtpsh/internal/transcript"
)

func helpCommands() []Command {
	return []Command{{
		Names: []string{"help", "h", "?"}, Group: "help", Args: []Arg{{Name: "COMMAND|VERB", Kind: Name, Optional: true}},
		Summary: "list the commands, or tell more of one",
		Detail:  "Without an argument it lists our commands and the verbs. With one it tells how that is used.",
		Example: ":help\n:help open\n:help RCPT",
		run:     func(_ context.Context, r *REPL, args []string) error { return r.help(args) },
	}}
}

func (r *REPL) help(args []string) error {
	if len(args) == 1 {
		name := strings.ToLower(strings.TrimPrefix(args[0], ":"))
		if c, _ := find(name); c != nil && (strings.HasPrefix(args[0], ":") || !isVerb(args[0])) {
			r.print(describe(*c))
			return nil
		}
		return r.explain(args[0])
	}
	var b strings.Builder
	group := ""
	for _, c := range Commands() {
		if c.Group == "lesson" && r.course == nil {
			continue
		}
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		if len(c.Usage()) > usageColumn {
			fmt.Fprintf(&b, "  %s\n  %-*s %s\n", c.Usage(), usageColumn, "", c.Summary)
			continue
		}
		fmt.Fprintf(&b, "  %-*s %s\n", usageColumn, c.Usage(), c.Summary)
	}
	b.WriteString("verbs, sent as typed (:help VERB tells more)\n ")
	for _, v := range verb.Verbs() {
		if !v.Rare {
			b.WriteString(" " + v.Name)
		}
	}
	b.WriteString("\nkeys\n  Tab completes, Up recalls, ^R searches, ^C ends a wait, ^D leaves\n")
	r.page(b.String())
	return nil
}

// usageColumn is the room of a command in the list.
const usageColumn = 26

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

// explain prints what the tables know of a word.
func (r *REPL) explain(word string) error {
	var b bytes.Buffer
	ok, err := explain.Word(&b, word)
	if err != nil {
		return err
	}
	if !ok {
		return wrong("try a code (550, 5.7.26), a verb, an EHLO keyword or a mechanism", "nothing is known of %s", transcript.Escape(word))
	}
	r.page(b.String())
	return nil
}
