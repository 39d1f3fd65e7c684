package luabind

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Library is a set of modules, prepared once for all VMs that use it.
type Library struct {
	modules []*Module
	funcs   []Func
	classes []Class
	named   map[string]*Class
	typed   map[reflect.Type]*Class
	methods map[string]map[string]*Func // of each class, by name
	fields  map[string]map[string]Field
}

// NewLibrary makes a library of modules, followed by the functions of this package. It
// panics if two modules define the same name.
func NewLibrary(modules ...*Module) *Library {
	l := &Library{
		modules: append(slices.Clone(modules), base),
		named:   map[string]*Class{}, typed: map[reflect.Type]*Class{},
		methods: map[string]map[string]*Func{}, fields: map[string]map[string]Field{},
	}
	added := map[string][]Field{}
	for _, m := range l.modules {
		l.funcs = append(l.funcs, m.Funcs...)
		l.classes = append(append(l.classes, m.Classes...), m.Options...)
		for class, fields := range m.Fields {
			added[class] = append(added[class], fields...)
		}
	}
	known := map[string]bool{}
	for i := range l.classes {
		c := &l.classes[i]
		c.Fields = append(slices.Clone(c.Fields), added[c.Name]...)
		delete(added, c.Name)
		if l.named[c.Name] != nil || c.Type != nil && l.typed[c.Type] != nil {
			panic(fmt.Sprintf("luabind: two classes %s of %v", c.Name, c.Type))
		}
		l.named[c.Name] = c
		if c.Type != nil {
			l.typed[c.Type] = c
		}
		l.fields[c.Name] = map[string]Field{}
		for _, f := range c.Fields {
			l.fields[c.Name][f.Name] = f
		}
	}
	for class := range added {
		panic("luabind: fields are added to a class that no module has: " + class)
	}
	for i := range l.funcs {
		f := &l.funcs[i]
		if known[f.Full()+f.On] {
			panic("luabind: two functions " + f.Full())
		}
		known[f.Full()+f.On] = true
		if f.IsMethod() {
			if l.methods[f.On] == nil {
				l.methods[f.On] = map[string]*Func{}
			}
			l.methods[f.On][f.Name] = f
		}
	}
	return l
}

// noModules is the library of a VM without modules.
var noModules = sync.OnceValue(func() *Library { return NewLibrary() })

// Funcs returns every function for scripts, module by module.
func (l *Library) Funcs() []Func { return slices.Clone(l.funcs) }

// Classes returns every class and options table.
func (l *Library) Classes() []Class { return slices.Clone(l.classes) }

// Class returns the class with a name.
func (l *Library) Class(name string) (Class, bool) {
	if c := l.named[name]; c != nil {
		return *c, true
	}
	return Class{}, false
}

// Modules returns the modules, that of this package last.
func (l *Library) Modules() []*Module { return slices.Clone(l.modules) }

// Touches returns all ways in which functions use the machine or the network.
func (l *Library) Touches() []Touch {
	var out []Touch
	for _, m := range l.modules {
		out = append(out, m.Touches...)
	}
	return out
}

// KeysOf returns the keys of an options table and of its parents.
func (l *Library) KeysOf(class string) []Param {
	c, _ := l.Class(class)
	keys := append([]Param(nil), c.Keys...)
	for _, p := range c.Parents {
		keys = append(keys, l.KeysOf(p)...)
	}
	return keys
}

// OptionsClass returns the options table in a type.
func (l *Library) OptionsClass(typ string) (string, bool) {
	for t := range strings.SplitSeq(typ, "|") {
		if c := l.named[t]; c != nil && c.Keys != nil && !c.Loose {
			return t, true
		}
	}
	return "", false
}
