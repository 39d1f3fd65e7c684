package reply

import "fmt"

// MaxLine is the longest reply line that RFC 5321 section 4.5.3.1.5 allows, in
// octets with its CRLF. Longer ones are read (up to the reader's own limit)
// and marked with [LongLine].
const MaxLine = 512

// DefectKind is one way in which a reply can violate the standard.
type DefectKind uint8

// The kinds of defects. With all of them the reply can be read; a violation that makes a
// session unusable is an engine.ProtocolError.
const (
	_            DefectKind = iota
	MixedCodes              // lines of one reply with different codes
	NoCode                  // a line that does not begin with a code
	CodeRange               // a code outside 200-599
	NoLastLine              // the last line read has a hyphen: the end is missing
	NoEnding                // the connection ended within a line
	BareLF                  // a line ended by LF without CR
	BareCR                  // a CR inside a line
	EightBit                // bytes above 127 (RFC 5321 section 4.2 requires ASCII)
	ControlBytes            // control bytes in the text
	LongLine                // a line of more than [MaxLine] octets
	Early                   // came before the message was completely sent
	Unsolicited             // answers no command
)

var defectTexts = [...]string{
	MixedCodes:   "the lines of one reply have different codes",
	NoCode:       "a reply line does not begin with a three-digit code",
	CodeRange:    "the reply code is outside 200 to 599",
	NoLastLine:   "the last line of the reply is missing",
	NoEnding:     "the connection ended inside a reply line",
	BareLF:       "a reply line ends with LF instead of CRLF",
	BareCR:       "a reply line has a CR in the middle",
	EightBit:     "the reply has bytes above 127",
	ControlBytes: "the reply has control bytes",
	LongLine:     "a reply line is longer than 512 bytes",
	Early:        "the reply came before the message was completely sent",
	Unsolicited:  "the reply came although nothing had been asked",
}

var defectRFCs = [...]string{
	MixedCodes:   "RFC 5321 section 4.2.1",
	NoCode:       "RFC 5321 section 4.2",
	CodeRange:    "RFC 5321 section 4.2",
	NoLastLine:   "RFC 5321 section 4.2.1",
	NoEnding:     "RFC 5321 section 2.3.8",
	BareLF:       "RFC 5321 section 2.3.8",
	BareCR:       "RFC 5321 section 2.3.8",
	EightBit:     "RFC 5321 section 4.2",
	ControlBytes: "RFC 5321 section 4.2",
	LongLine:     "RFC 5321 section 4.5.3.1.5",
	Early:        "RFC 5321 section 4.1.1.4",
	Unsolicited:  "RFC 5321 section 4.2",
}

// DefectKinds returns every kind, for tables and tests.
func DefectKinds() []DefectKind {
	out := make([]DefectKind, 0, len(defectTexts)-1)
	for k := MixedCodes; int(k) < len(defectTexts); k++ {
		out = append(out, k)
	}
	return out
}

// String returns a description of the kind.
func (k DefectKind) String() string {
	if int(k) < len(defectTexts) && defectTexts[k] != "" {
		return defectTexts[k]
	}
	return fmt.Sprintf("defect %d", uint8(k))
}

// RFC returns the rule that is violated.
func (k DefectKind) RFC() string {
	if int(k) < len(defectRFCs) {
		return defectRFCs[k]
	}
	return ""
}

// Defect is one defect of a reply.
type Defect struct {
	Kind DefectKind
	Line int // the first line concerned, counted from 1; 1 if it is the whole reply
}

// String returns the description and the rule.
func (d Defect) String() string { return d.Kind.String() + " (" + d.Kind.RFC() + ")" }
