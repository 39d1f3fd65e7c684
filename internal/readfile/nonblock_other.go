//go:build !unix

package readfile

// nonblock is 0 on systems where opening does not wait.
const nonblock = 0
