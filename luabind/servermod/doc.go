// Package servermod is the Lua module for servers: smtp.listen, rules of a sandbox, and
// connections whose replies the script writes. Begin with [Module].
package servermod
