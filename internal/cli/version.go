package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the release. Builds from a checkout add the commit.
const Version = "0.1.0-dev"

func versionText() string {
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				commit = " (" + s.Value[:12] + ")"
			}
		}
	}
	return fmt.Sprintf("smtpsh %s%s, %s, %s/%s", Version, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  a.args(0, 0),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(a.Stdout, versionText())
			return nil
		},
	}
}
