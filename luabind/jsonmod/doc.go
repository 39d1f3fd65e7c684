// Package jsonmod is the Lua module for JSON: json.encode and json.decode, with limits on
// what they read and write. They end with the script. Begin with [Module].
package jsonmod
