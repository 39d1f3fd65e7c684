package cli

import (
	"fmt"
	"strings"

	"smtpsh/engine/verb"
	"smtpsh/internal/advice"
	"smtpsh/internal/dialer"
)

// promptTarget returns the target of the arguments of smtpsh: none, one, or a host and a
// port, as with telnet.
func (a *app) promptTarget(args []string) (string, error) {
	if len(args) == 0 {
		return "", nil
	}
	word := args[0]
	if len(args) == 2 {
		if target, ok := dialer.WithPort(word, args[1]); ok && a.meantCommand(word) == "" {
			return target, nil
		}
		if err := noPort(word, args[1]); err != nil && a.meantCommand(word) == "" {
			return "", err
		}
		return "", a.tooMany(word, args[1])
	}
	if len(args) > 2 {
		if _, ok := dialer.WithPort(word, args[1]); ok && a.meantCommand(word) == "" {
			return "", a.tooMany(word, args[2])
		}
	}
	if _, ok := verb.Lookup(strings.ToUpper(word)); ok {
		return "", a.tooMany(word, "")
	}
	if near := a.meantCommand(word); near != "" {
		return "", &usageError{err: noCommand(word), hint: "did you mean smtpsh " + near + "? For a host without a dot write smtp://" + word}
	}
	noHost := !strings.ContainsAny(word, ".:") && word != "localhost"
	isPath := strings.ContainsAny(word, "/\\") && !strings.Contains(word, ":")
	if noHost || isPath || fileName().MatchString(word) {
		if right := a.rightForm("", word); right != "" {
			return "", &usageError{err: noCommand(word), hint: right}
		}
		if fileName().MatchString(word) {
			return "", &usageError{
				err:  fmt.Errorf("there is no file %s", word),
				hint: "smtpsh run FILE runs a script or a dialogue; for a server of that name write smtp://" + word,
			}
		}
	}
	if _, err := dialer.ParseTarget(word); err != nil {
		return "", &usageError{err: err, hint: advice.Hint(err, advice.CommandLine)}
	}
	return word, nil
}

// noPort returns an error if the second argument, after a host without a port, is neither a
// port nor an SMTP command.
func noPort(host, word string) error {
	if _, takes := dialer.WithPort(host, "25"); !takes {
		return nil
	}
	for _, w := range []string{host, word} {
		if _, isVerb := verb.Lookup(strings.ToUpper(w)); isVerb {
			return nil
		}
	}
	return &usageError{
		err:  fmt.Errorf("%q is not a port", word),
		hint: "write a number from 1 to 65535, for example smtpsh " + host + " 25; SMTP commands are typed at the prompt",
	}
}
