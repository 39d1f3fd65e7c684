// Command gen writes the reference pages; go generate runs it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"smtpsh/internal/docgen"
)

func main() {
	pages, err := docgen.Pages()
	if err == nil {
		dir := os.Args[1]
		for _, p := range pages {
			if err = os.WriteFile(filepath.Join(dir, p.Name), p.Text, 0o644); err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}
