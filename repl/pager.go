package repl

import (
	"os"
	"os/exec"
	"strings"
)

// page prints a text, with a pager if it is longer than the screen.
func (sc *screen) page(text string) {
	_, rows := sc.in.Size()
	if !sc.in.Terminal() || !sc.settings.paging || rows == 0 || strings.Count(text, "\n") < rows-1 {
		sc.print(text)
		return
	}
	pager := sc.pager()
	if pager == nil {
		sc.print(text)
		return
	}
	err := sc.in.Outside(func(in, out *os.File) error {
		cmd := exec.Command(pager[0], pager[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), out, out
		cmd.Env = append(os.Environ(), "LESSSECURE=1", "LESSCHARSET=utf-8")
		return cmd.Run()
	})
	if err != nil { // without a working pager the text is still printed
		sc.print(text)
	}
}

// pager returns the command line of the pager: that of the environment, or less or more.
// It returns nil if none of them is installed.
func (sc *screen) pager() []string {
	for i, p := range []string{sc.settings.pagerProgram, "less -FRX", "more"} {
		f := strings.Fields(p)
		if i == 1 {
			f = append(f, "-Ps?eEnd of the text, q returns to smtpsh:Space shows more, q returns to smtpsh.")
		}
		if len(f) == 0 {
			continue
		}
		if _, err := exec.LookPath(f[0]); err == nil {
			return f
		}
	}
	return nil
}
