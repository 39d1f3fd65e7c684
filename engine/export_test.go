package engine

import "io"

// LineChecked returns a reader as Data uses for content that can be read only once.
func LineChecked(r io.Reader) io.Reader { return &lineReader{src: r} }
