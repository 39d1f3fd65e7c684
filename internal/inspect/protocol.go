package inspect

import (
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"strings"

	"smtpsh/internal/sandbox"
)

// The request is "smtpsh-inspect TOKEN accounts", "... messages" or "... message N".
const hello = "smtpsh-inspect"

// Limits of one exchange.
const (
	maxRequest = 512       // bytes
	maxList    = 500       // messages in a list; the newest are kept
	maxSummary = 1000      // bytes of one line of the list
	maxData    = 256 << 10 // bytes of a message; the answer has its full size
	maxAnswer  = 2 << 20   // bytes that a client reads
)

// Answer is the answer of a sandbox to a request.
type Answer struct {
	Error    string    `json:"error,omitempty"`
	Profile  string    `json:"profile,omitempty"`
	Accounts []Account `json:"accounts,omitempty"`
	Messages []Summary `json:"messages,omitempty"`
	Left     int       `json:"left,omitempty"` // number of older messages that are not in the list
	Message  *Message  `json:"message,omitempty"`
}

// Account is an account of a sandbox.
type Account struct {
	User        string   `json:"user"`
	Credentials []string `json:"credentials"`
	Note        string   `json:"note"`
}

// Summary describes a message on one line.
type Summary struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

// Message is one message with its envelope.
type Message struct {
	ID       int    `json:"id"`
	Envelope string `json:"envelope"`
	Data     []byte `json:"data"`
	Size     int    `json:"size"` // of the whole message, in bytes
}

// Accounts lists the accounts of a profile.
func Accounts(p *sandbox.Profile) []Account {
	var out []Account
	for _, a := range p.Accounts {
		out = append(out, Account{a.User, a.Credentials(), a.Note})
	}
	return out
}

// List describes the newest messages, each on one line. left is the number of older ones.
func List(msgs []sandbox.Message) (list []Summary, left int) {
	left = max(0, len(msgs)-maxList)
	for _, m := range msgs[left:] {
		text := m.Summary()
		if len(text) > maxSummary {
			text = strings.ToValidUTF8(text[:maxSummary], "") + "..."
		}
		list = append(list, Summary{m.ID, text})
	}
	return list, left
}

// Find returns a message by its number, with at most most bytes of its content; 0 returns
// all. It returns nil if the message does not exist or has just been dropped.
func Find(msgs []sandbox.Message, id int, most int64) *Message {
	for _, m := range msgs {
		if m.ID != id {
			continue
		}
		size := m.Size()
		if most <= 0 || most > size {
			most = size
		}
		data := make([]byte, most)
		if _, err := io.ReadFull(m.Reader(), data); err != nil {
			return nil
		}
		return &Message{m.ID, m.Envelope(), data, int(size)}
	}
	return nil
}

// Address is the address and the token of a [Server], written TOKEN@HOST:PORT.
type Address struct{ Token, Host string }

// ParseAddress parses TOKEN@HOST:PORT. Its errors do not contain the token.
func ParseAddress(s string) (Address, error) {
	token, host, ok := strings.Cut(s, "@")
	h, port, err := net.SplitHostPort(host)
	if !ok || token == "" || err != nil || h == "" || port == "" {
		return Address{}, fmt.Errorf("must be TOKEN@HOST:PORT, as smtpsh sandbox --inspect prints it")
	}
	if strings.Trim(token, tokenAlphabet) != "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return Address{}, fmt.Errorf("the token or the host contains characters that are not allowed")
	}
	return Address{token, host}, nil
}

// String returns the address in the form TOKEN@HOST:PORT.
func (a Address) String() string { return a.Token + "@" + a.Host }

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// NewToken returns a token with 130 random bits.
func NewToken() string { return rand.Text() }
