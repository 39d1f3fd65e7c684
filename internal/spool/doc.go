// Package spool keeps a text of any size in a temporary file while it is used: a message
// from a pipe, or one that was composed. The file has no name where the system allows it,
// so that nothing is left if the program is killed. Begin with [New].
package spool
