// Package docs writes the definitions for editors (LuaCATS) and the reference page of a
// [luabind.Library]. Begin with [WriteLuaCATS].
package docs
