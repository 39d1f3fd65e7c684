package engine

import "io"

// LineChecked is a reader as Data reads what cannot be read twice.
func LineChecked(r io.Reader) io.Reader { return &lineReader{src: r} }
