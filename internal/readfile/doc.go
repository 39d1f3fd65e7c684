// Package readfile reads the files that the program gets. Three rules hold for all of them:
// a size limit, the kinds of files that a place accepts, and an end of every wait. So a
// FIFO without a writer, an endless device or a file of many gigabytes is an error or an
// interrupted wait. It can never hang the program or fill the memory.
//
// All readers of files use it; internal/archtest checks this. Begin with [Read].
package readfile
