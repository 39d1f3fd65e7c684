package repl

import (
	"context"
	"encoding/base64"
	"strings"

	"smtpsh/transcript"
)

func base64Commands() []Command {
	return []Command{
		{
			Names: []string{"decode"}, Group: "explain", Args: []Arg{{Name: "BASE64", Kind: Rest}},
			Summary: "decode Base64",
			Detail:  "Bytes that cannot be printed, such as NUL, are shown as \\xHH. The line is not kept in the history.",
			Example: ":decode VXNlcm5hbWU6",
			run: func(_ context.Context, r *REPL, args []string) error {
				text := strings.Join(strings.Fields(args[0]), "")
				b, err := base64.StdEncoding.DecodeString(text)
				if err != nil {
					b, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
				}
				if err != nil {
					return wrong("Base64 consists of letters, digits, + and /, with = at the end", "the text is not Base64")
				}
				r.screen.say("=  %s", transcript.Escape(string(b)))
				return nil
			},
		},
		{
			Names: []string{"encode"}, Group: "explain", Args: []Arg{{Name: "TEXT", Kind: Rest}},
			Summary: "encode text as Base64",
			Detail:  `\0, \r, \n, \t, \\ and \xHH are recognized, as in :raw. The line is not kept in the history.`,
			Example: `:encode \0ann@sandbox.test\0ann-secret`,
			run: func(_ context.Context, r *REPL, args []string) error {
				b, err := unescape(args[0])
				if err != nil {
					return err
				}
				r.screen.say("=  %s", base64.StdEncoding.EncodeToString(b))
				return nil
			},
		},
	}
}
