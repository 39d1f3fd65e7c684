package engine

import (
	"context"
	"strings"

	"smtpsh/engine/reply"
)

// asksPRDR reports whether a command is a MAIL with the parameter PRDR. The server may then
// answer the end of the message with 353, one reply for each recipient, and one for the
// message (draft-hall-prdr-00).
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

// recipientsOf returns the recipients whose replies follow a 353 to q, if the transaction was
// begun with PRDR.
func (s *Session) recipientsOf(q *sent) []string {
	last := q.verb == endOfData && q.rcpt == "" || q.verb == "BDAT" && strings.HasSuffix(strings.ToUpper(q.arg), "LAST")
	if !s.withPRDR || s.LMTP() || !last {
		return nil
	}
	return s.rcpts
}

// expectEach puts the replies that follow a 353 into the queue: one for each recipient, and
// one for the message.
func (s *Session) expectEach(q sent, rcpts []string) {
	due := make([]sent, 0, len(rcpts)+1+len(s.queue))
	q.verb = endOfData
	for i, rcpt := range rcpts {
		q.rcpt, q.nth, q.repliesDue = rcpt, i+1, len(rcpts)+1
		due = append(due, q)
	}
	q.rcpt, q.nth, q.repliesDue = "", len(rcpts)+1, 0
	s.queue = append(append(due, q), s.queue...)
}

// rest reads the replies that follow a 353 with PRDR, and returns the last one, which is
// about the whole message. Any other reply is returned unchanged.
func (s *Session) rest(ctx context.Context, r *reply.Reply) (*reply.Reply, error) {
	if r.Code != 353 {
		return r, nil
	}
	for len(s.queue) > 0 && s.queue[0].verb == endOfData {
		whole := s.queue[0].rcpt == ""
		var err error
		if r, err = s.nextReply(ctx, s.opts.Timeouts.Final); err != nil {
			return nil, err
		}
		switch {
		case r.Code == 421: // the server ends the session and sends no more replies
			s.queue = s.queue[:0]
			return r, nil
		case whole:
			return r, nil
		}
		s.deliveries = append(s.deliveries, Delivery{r.Recipient, r})
	}
	return r, nil
}
