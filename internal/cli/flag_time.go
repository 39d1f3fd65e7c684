package cli

import (
	"time"

	"github.com/spf13/pflag"

	"smtpsh/internal/duration"
)

// timeFlag is a flag for a length of time. Unlike the type of pflag it accepts a number of
// seconds without a unit.
type timeFlag struct{ d *time.Duration }

// timeVar defines a flag for a length of time.
func timeVar(f *pflag.FlagSet, d *time.Duration, name string, value time.Duration, usage string) {
	*d = value
	f.Var(timeFlag{d}, name, usage)
}

func (t timeFlag) String() string {
	if t.d == nil {
		return ""
	}
	return t.d.String()
}

func (t timeFlag) Type() string { return "duration" }

func (t timeFlag) Set(s string) error {
	d, err := duration.Parse(s)
	if err != nil {
		return duration.ErrForm // pflag adds the value to the error
	}
	*t.d = d
	return nil
}
