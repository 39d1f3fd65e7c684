//go:build !unix

package readfile

// nonblock is nothing where opening does not wait.
const nonblock = 0
