package sandbox

import (
	"fmt"
	"math/rand/v2"
)

// googleIDs returns a function that makes session ids in the form that Google used in a
// year. Its argument part is "sm" on submission and "si" on the MX.
func googleIDs(year int) func(part string) string {
	const (
		digits  = "0123456789"
		hex     = digits + "abcdef"
		letters = "abcdefghijklmnopqrstuvwxyz"
	)
	draw := func(n int, from string) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = from[rand.IntN(len(from))]
		}
		return string(b)
	}
	end := func() string { return "." + fmt.Sprint(1+rand.IntN(200)) }
	switch {
	case year <= 2022: // n13sm7609611qtf.15
		return func(part string) string {
			return draw(1, letters) + fmt.Sprint(1+rand.IntN(30)) + part + "1" + draw(7, digits) + draw(3, letters) + end()
		}
	case year == 2023: // b9-20020ac24109000000b004fe2ad08fc3si1139642lfi.217
		return func(part string) string {
			return draw(1, letters) + fmt.Sprint(1+rand.IntN(30)) + "-20020a" + draw(26, hex) + part + "1" + draw(6, digits) + draw(3, letters) +
				end()
		}
	}
	// ffacd0b85a97d-3825fbedfccsm6327686f8f.101
	return func(part string) string {
		return draw(13, hex) + "-" + draw(11, hex) + part + "1" + draw(6, digits) + draw(3, hex) + end()
	}
}
