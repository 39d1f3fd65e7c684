package engine

import (
	"errors"
	"strings"
)

// asksPRDR reports whether a command is a MAIL with the parameter PRDR. The server then
// answers the end of the message with a 353, one reply for each recipient, and one for
// the message (draft-hall-prdr-00).
func asksPRDR(verb, arg string) bool {
	if verb != "MAIL" {
		return false
	}
	_, params, _ := strings.Cut(arg, ">")
	for _, w := range strings.Fields(params) {
		if strings.EqualFold(w, "PRDR") {
			return true
		}
	}
	return false
}

// noPRDR returns the error for a message with PRDR, before DATA: the 353 would be read as
// the final reply, and the replies after it as replies to later commands.
func noPRDR(op string) error {
	return &OpError{
		Op: op, Kind: ErrUsage,
		Err:    errors.New("the transaction was begun with PRDR, and the several replies to such a message cannot be read yet: nothing was sent"),
		Advice: advise(AdviceNoPRDR),
	}
}

// pipelinesPRDR reports whether a group of commands contains a message with PRDR.
func (s *Session) pipelinesPRDR(cmds []command) bool {
	under := s.withPRDR
	for _, c := range cmds {
		switch c.verb {
		case "MAIL":
			under = asksPRDR(c.verb, c.arg)
		case "RSET", "EHLO", "HELO", "LHLO":
			under = false
		case "DATA", "BDAT":
			if under {
				return true
			}
		}
	}
	return false
}
