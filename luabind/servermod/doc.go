// Package servermod is the Lua module of servers: smtp.listen, rules of a sandbox, and
// connections on which the script says every word.
package servermod
