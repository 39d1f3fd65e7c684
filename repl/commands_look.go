package repl

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"smtpsh/engine/reply"
	"smtpsh/engine/saslmech"
	"smtpsh/engine/tlsinfo"
	"smtpsh/engine/verb"
	"smtpsh/internal/dialer"
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
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		fmt.Fprintf(&b, "  %-24s %s\n", c.Usage(), c.Summary)
	}
	b.WriteString("verbs, sent as typed (:help VERB tells more)\n ")
	for _, v := range verb.Verbs() {
		if !v.Rare {
			b.WriteString(" " + v.Name)
		}
	}
	b.WriteString("\nkeys\n  Tab completes, Up recalls, ^R searches, ^C ends a wait, ^D leaves\n")
	r.print(b.String())
	return nil
}

func isVerb(word string) bool {
	_, ok := verb.Lookup(word)
	return ok
}

func describe(c Command) string {
	out := c.Usage() + "  " + c.Summary + "\n"
	if len(c.Names) > 1 {
		out += "  also :" + strings.Join(c.Names[1:], " :") + "\n"
	}
	return out + explain.Indent("  ", c.Detail)
}

func (r *REPL) explain(word string) error {
	var b bytes.Buffer
	ok, err := explain.Word(&b, word)
	if err != nil {
		return err
	}
	if !ok {
		return &InputError{&hinted{fmt.Sprintf("nothing is known of %q", word), "try a code (550, 5.7.26), a verb, an EHLO keyword or a mechanism"}}
	}
	r.print(b.String())
	return nil
}

func lookCommands() []Command {
	return []Command{
		{
			Names: []string{"caps"}, Group: "look",
			Summary: "what the server offers",
			Detail:  "Lists the capabilities of the last EHLO reply with a few words on each. They are forgotten after STARTTLS.",
			Example: "EHLO me\n:caps",
			run: func(_ context.Context, r *REPL, _ []string) error {
				s, err := r.live()
				if err != nil {
					return err
				}
				caps := s.Capabilities()
				if len(caps) == 0 {
					r.say("*  nothing is known to be offered: say EHLO first")
					return nil
				}
				rows := make([][2]string, 0, len(caps))
				for _, c := range caps {
					about := "not in our tables"
					if c.Keyword == "AUTH" {
						about = "Ways to log in, one of which AUTH names."
					} else if e, ok := verb.LookupExtension(c.Keyword); ok {
						about = firstSentence(e.Explain)
					}
					rows = append(rows, [2]string{transcript.Escape(strings.TrimSpace(c.Keyword + " " + c.Params)), about})
				}
				r.print(explain.Columns(rows))
				return nil
			},
		},
		{
			Names: []string{"tls"}, Group: "look",
			Summary: "how the connection is encrypted",
			Detail:  "Shows version, cipher, key exchange, and the certificates with their names and days left.",
			Example: "EHLO me\nSTARTTLS\n:tls",
			run: func(_ context.Context, r *REPL, _ []string) error {
				s, err := r.live()
				if err != nil {
					return err
				}
				info := s.TLS()
				if info == nil {
					r.say("*  the connection is not encrypted; STARTTLS starts TLS where the server offers it")
					return nil
				}
				r.print(DescribeTLS(info, time.Now()))
				return nil
			},
		},
		{
			Names: []string{"accounts"}, Group: "look",
			Summary: "who can log in to the sandbox",
			Detail:  "Lists the accounts of the built-in server, with their passwords or tokens and what happens when they log in.",
			Example: ":accounts",
			run:     func(_ context.Context, r *REPL, _ []string) error { return r.accounts() },
		},
		{
			Names: []string{"mailbox", "mbox"}, Group: "look", Args: []Arg{{Name: "NUMBER", Kind: Text, Optional: true}},
			Summary: "what the sandbox has received",
			Detail:  "Lists the messages that the built-in server has accepted, or shows one with its envelope, every byte of it.",
			Example: "EHLO me\nMAIL FROM:<a@example.org>\nRCPT TO:<bob@sandbox.test>\nDATA\nSubject: hi\n\nhello\n.\n:mailbox\n:mailbox 1",
			run:     func(_ context.Context, r *REPL, args []string) error { return r.mailbox(args) },
		},
		{
			Names: []string{"explain", "e"}, Group: "look", Args: []Arg{{Name: "WORD", Kind: Word, Optional: true}},
			Summary: "explain a code, verb, keyword or mechanism",
			Detail:  "Without a word it explains the last reply.",
			Example: ":explain 5.7.26\n:explain CHUNKING\nNOOP\n:explain",
			run: func(_ context.Context, r *REPL, args []string) error {
				if len(args) == 1 {
					return r.explain(args[0])
				}
				if r.last == nil {
					r.say("*  there was no reply yet")
					return nil
				}
				return r.explain(replyWords(r.last))
			},
		},
	}
}

func replyWords(r *reply.Reply) string {
	w := fmt.Sprintf("%03d", r.Code)
	if r.Enhanced.Class != 0 && r.Enhanced.Detail+r.Enhanced.Subject != 0 {
		w += " " + r.Enhanced.String()
	}
	return w
}

func firstSentence(s string) string {
	if i := strings.Index(s, ". "); i > 0 {
		return s[:i+1]
	}
	return s
}

// DescribeTLS lays out what is known of a connection's encryption.
func DescribeTLS(info *tlsinfo.Info, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s, %s", info.Version, info.Cipher)
	if info.KeyExchange != "" {
		fmt.Fprintf(&b, ", %s", info.KeyExchange)
	}
	b.WriteString("\n")
	if info.Verified {
		fmt.Fprintf(&b, "  verified as %s\n", transcript.Escape(info.ServerName))
	} else {
		fmt.Fprintf(&b, "  NOT VERIFIED: %s\n", transcript.Escape(info.VerifyError))
	}
	for i, c := range info.Chain {
		fmt.Fprintf(&b, "  %s%s\n", strings.Repeat("  ", i), transcript.Escape(c.Subject))
		pad := strings.Repeat("  ", i) + "    "
		if len(c.Names) > 0 {
			fmt.Fprintf(&b, "%snames  %s\n", pad, transcript.Escape(strings.Join(c.Names, " ")))
		}
		fmt.Fprintf(&b, "%svalid  %s to %s, %d days left; %s\n", pad, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly), c.DaysLeft(now), c.Key)
	}
	return b.String()
}

func batchCommands() []Command {
	return []Command{{
		Names: []string{"expect"}, Group: "scripts", Args: []Arg{{Name: "WANT", Kind: Want}},
		Summary: "say what the next reply must be",
		Detail:  "WANT is a code, a pattern or an enhanced code: 250, 5xx, 250|251, 5.7.*, 550 5.7.1. In a run from a pipe anything else ends it with status 1.",
		Example: ":expect 5xx\nXYZZY",
		run: func(_ context.Context, r *REPL, args []string) error {
			w, err := reply.ParseWant(args[0])
			if err != nil {
				return &InputError{err}
			}
			r.want = &w
			return nil
		},
	}}
}

// complete proposes verbs that are legal now first, then the others, our own
// commands, and mechanisms behind AUTH.
func (r *REPL) complete(before string) ([]string, int) {
	word := before[strings.LastIndexByte(before, ' ')+1:]
	first := strings.TrimSpace(before[:len(before)-len(word)])
	var out []string
	add := func(c string) {
		if !strings.HasSuffix(c, "<") {
			c += " "
		}
		if len(c) >= len(word) && strings.EqualFold(c[:len(word)], word) {
			out = append(out, c)
		}
	}
	switch {
	case first == "" && strings.HasPrefix(word, ":"):
		for _, c := range Commands() {
			for _, n := range c.Names {
				if len(n) > 1 {
					add(":" + n)
				}
			}
		}
	case first == "":
		for _, v := range r.verbsNow() {
			add(v)
		}
	case strings.EqualFold(first, "AUTH"), first == ":login":
		mechs := []string{}
		if r.session != nil {
			mechs = r.session.Capabilities().Mechanisms()
		}
		if len(mechs) == 0 {
			for _, m := range saslmech.Mechanisms() {
				mechs = append(mechs, m.Name)
			}
		}
		for _, m := range mechs {
			add(m)
		}
	case strings.EqualFold(first, "MAIL"):
		add("FROM:<")
	case strings.EqualFold(first, "RCPT"):
		add("TO:<")
	case first == ":explain" || first == ":e":
		for _, w := range explain.Known() {
			add(w)
		}
	case first == ":help" || first == ":h":
		for _, c := range Commands() {
			add(c.Names[0])
		}
	case first == ":open" || first == ":o":
		profiles, _ := dialer.Profiles()
		for _, p := range profiles {
			add("sandbox:" + p)
		}
		add("smtp.gmail.com:587")
		add("smtp.gmail.com:465")
	}
	return out, len(word)
}
