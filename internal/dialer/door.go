package dialer

import (
	"fmt"
	"strings"

	"smtpsh/engine"
)

func noDoor(t engine.Target, names []string) error {
	return fmt.Errorf("sandbox:%s has no door %s: there is %s", t.Host, t.Door, strings.Join(names, ", "))
}
