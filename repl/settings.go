package repl

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"smtpsh/engine"
	"smtpsh/internal/duration"
	"smtpsh/internal/inspect"
	"smtpsh/internal/suggest"
	"smtpsh/transcript"
)

// settings are the settings of :set. Those for new sessions are in the dialer.
type settings struct {
	show         transcript.TextOptions
	inspect      inspect.Address // of a sandbox in another process; empty for none
	teaching     bool
	paging       bool
	pagerProgram string // "" for the default
	width        int    // in columns; 0 for the width of the terminal
}

// Setting is a setting of :set.
type Setting struct {
	Name    string
	Values  string // the form of a value, such as "on|off"
	Summary string // one line, no full stop

	get func(r *REPL) string
	set func(r *REPL, value string) error
}

// Settings returns every setting.
func Settings() []Setting {
	return []Setting{
		toggle("color", "use colors", func(s *settings) *bool { return &s.show.Color }),
		{
			Name: "inspect", Values: "TOKEN@HOST:PORT|off", Summary: "sandbox on another machine, for :mailbox and :accounts",
			get: func(r *REPL) string { return or(transcript.Escape(r.settings.inspect.Host), "off") },
			set: func(r *REPL, v string) (err error) {
				address := inspect.Address{}
				if !strings.EqualFold(v, "off") {
					if address, err = inspect.ParseAddress(v); err != nil {
						return wrong("for example :set inspect TOKEN@lab.example:2600", "inspect: %v", err)
					}
				}
				r.opts.Dialer.Options.Secrets.Add(address.Token)
				r.settings.inspect = address
				return nil
			},
		},
		{
			Name: "mask", Values: "on|off", Summary: "show passwords and tokens as ********",
			get: func(r *REPL) string { return onOff(!r.settings.show.ShowSecrets) },
			set: func(r *REPL, v string) error {
				on, err := parseOnOff("mask", v)
				if err == nil {
					r.settings.show.ShowSecrets = !on
				}
				return err
			},
		},
		toggle("pager", "page long output", func(s *settings) *bool { return &s.paging }),
		toggle("teach", "explain each line that shows something new", func(s *settings) *bool { return &s.teaching }),
		{
			Name: "timeout", Values: "SECONDS|90s", Summary: "time limit for a reply in new sessions",
			get: func(r *REPL) string { return r.opts.Dialer.Options.Timeouts.Command.String() },
			set: func(r *REPL, v string) error {
				d, err := parseSeconds(v)
				if err == nil {
					r.opts.Dialer.Options.Timeouts = engine.UniformTimeouts(d)
				}
				return err
			},
		},
		toggle("timings", "show the seconds since the start before each line", func(s *settings) *bool { return &s.show.Timings }),
		{
			Name: "verify", Values: "on|off", Summary: "require a verified certificate in new sessions",
			get: func(r *REPL) string { return onOff(!r.opts.Dialer.Options.TLS.Insecure) },
			set: func(r *REPL, v string) error {
				on, err := parseOnOff("verify", v)
				if err == nil {
					r.opts.Dialer.Options.TLS.Insecure = !on
				}
				return err
			},
		},
		{
			Name: "width", Values: "auto|COLUMNS", Summary: "width of explanations and diagrams in columns",
			get: func(r *REPL) string {
				if r.settings.width == 0 {
					return "auto"
				}
				return strconv.Itoa(r.settings.width)
			},
			set: func(r *REPL, v string) error {
				n, err := strconv.Atoi(v)
				switch {
				case v == "auto":
					r.settings.width = 0
				case err != nil || n < 40 || n > 400:
					return wrong("for example :set width 100", "width: %s is not auto or a number from 40 to 400", transcript.Escape(v))
				default:
					r.settings.width = n
				}
				return nil
			},
		},
	}
}

func toggle(name, summary string, field func(s *settings) *bool) Setting {
	return Setting{
		Name: name, Values: "on|off", Summary: summary,
		get: func(r *REPL) string { return onOff(*field(r.settings)) },
		set: func(r *REPL, v string) error {
			on, err := parseOnOff(name, v)
			if err == nil {
				*field(r.settings) = on
			}
			return err
		},
	}
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func parseOnOff(name, v string) (bool, error) {
	switch strings.ToLower(v) {
	case "on", "yes", "true", "1":
		return true, nil
	case "off", "no", "false", "0":
		return false, nil
	}
	return false, wrong("for example :set "+name+" on", "%s: %s is not on or off", name, transcript.Escape(v))
}

// parseSeconds parses a duration such as "5", "0.5" or "90s"; the default unit is seconds.
func parseSeconds(v string) (time.Duration, error) {
	d, err := duration.Parse(v)
	if err != nil || d <= 0 || d > 24*time.Hour {
		return 0, wrong("for example 5, 0.5 or 90s", "%s is not a duration", transcript.Escape(v))
	}
	return d, nil
}

func settingCommands() []Command {
	return []Command{
		{
			Names: []string{"set"}, Group: "prompt",
			Args:    []Arg{{Name: "NAME", Kind: SettingName, Optional: true}, {Name: "VALUE", Kind: Value, Optional: true}},
			Summary: "show or change a setting",
			Detail:  "Without arguments it shows every setting. mask off shows passwords on the screen; saved files and logs always mask them.",
			Example: ":set\n:set timings on\n:set mask off\n:set width 100",
			run:     func(_ context.Context, r *REPL, args []string) error { return r.set(args) },
		},
	}
}

func (r *REPL) set(args []string) error {
	if len(args) == 0 {
		var b strings.Builder
		for _, s := range Settings() {
			fmt.Fprintf(&b, "  %-9s %-8s %s\n", s.Name, s.get(r), s.Summary)
		}
		r.screen.print(b.String())
		return nil
	}
	var names []string
	for _, s := range Settings() {
		names = append(names, s.Name)
		if !strings.EqualFold(s.Name, args[0]) {
			continue
		}
		if len(args) == 1 {
			r.screen.say("  %-9s %-8s %s (%s)", s.Name, s.get(r), s.Summary, s.Values)
			return nil
		}
		if err := s.set(r, args[1]); err != nil {
			return err
		}
		r.screen.apply()
		if r.in.Terminal() {
			r.screen.say("*  %s is %s", s.Name, s.get(r))
			if s.Name == "verify" {
				r.screen.say("*  this applies to new sessions; :reconnect opens one")
			}
		}
		return nil
	}
	hint := "settings: " + strings.Join(names, ", ")
	if near := suggest.Name(strings.ToLower(args[0]), names); near != "" {
		hint = "did you mean " + near + "? " + hint
	}
	return wrong(hint, "unknown setting %s", transcript.Escape(args[0]))
}
