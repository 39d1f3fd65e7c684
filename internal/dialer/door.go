package dialer

import (
	"fmt"
	"strings"

	"smtpsh/engine"
	"smtpsh/internal/sandbox"
)

// noDoor names the doors that there are.
func noDoor(t engine.Target, srv *sandbox.Server) error {
	var names []string
	for _, d := range srv.Profile().Doors {
		names = append(names, d.Name)
	}
	return fmt.Errorf("sandbox:%s has no door %s: there is %s", t.Host, t.Door, strings.Join(names, ", "))
}
