// Package nearby knows the sandboxes that this user runs on this machine. Each keeps a
// record in a folder of the user's: where it listens, its certificate authority, who can
// write to whom. Sessions to one of its loopback addresses find there what to trust.
//
// A record counts only when no other user can have written it (the folder and the file
// belong to this user, and nobody else may write there) and while its sandbox lives,
// which holds a lock on it. The key of the authority never leaves the sandbox's memory,
// so a record that outlives its sandbox vouches for nobody.
package nearby
