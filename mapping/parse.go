package mapping

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/presets"
)

// maxExtends is how long a chain of extended files may be.
const maxExtends = 16

// presetPrefix begins the name of a preset in positions, so that it cannot be taken for a file.
const presetPrefix = "preset:"

// Presets lists the names of the mapping files that come with deskferry.
func Presets() []string {
	files, _ := fs.Glob(presets.FS, "*.yaml")
	for i, f := range files {
		files[i] = strings.TrimSuffix(f, ".yaml")
	}
	return files
}

// loadFile reads a mapping file: a name without extension is a preset's if there is one, anything else a file of
// fsys. What it extends and what its rules are like is merged in. Whatever is wrong is in one [*LoadError], with
// places; a file that cannot be read is the error of fsys.
func loadFile(fsys fs.FS, name string) (*File, error) {
	l := loader{texts: make(map[string][]string)}
	at, err := locate(fsys, name)
	if err != nil {
		return nil, err
	}
	text, err := at.read()
	if err != nil {
		return nil, fmt.Errorf("reading mapping %s: %w", name, err)
	}
	root := l.merged(at, text, nil)
	if root == nil {
		return nil, newLoadError(l.problems.list, l.texts)
	}
	l.likes(root)
	d := decoder{problems: &l.problems}
	f := d.file(root)
	f.texts = l.texts
	d.check(f)
	if err := f.loadError(l.problems.list); err != nil {
		return nil, err
	}
	return f, nil
}

// location is a mapping file and the file system it and its tables are in.
type location struct {
	fsys fs.FS
	name string // in fsys
}

// shown is the name in positions.
func (at location) shown() string {
	if at.fsys == fs.FS(presets.FS) {
		return presetPrefix + strings.TrimSuffix(at.name, ".yaml")
	}
	return at.name
}

// read returns at most a byte more than a mapping may have.
func (at location) read() ([]byte, error) {
	f, err := at.fsys.Open(at.name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// locate finds a mapping by name: a preset's, or a file's in fsys.
func locate(fsys fs.FS, name string) (location, error) {
	name = strings.TrimPrefix(name, presetPrefix)
	if path.Ext(name) == "" && !strings.Contains(name, "/") {
		if slices.Contains(Presets(), name) {
			return location{presets.FS, name + ".yaml"}, nil
		}
		if _, err := fs.Stat(fsys, name); err != nil {
			return location{}, unknownName{name}
		}
	}
	if !fs.ValidPath(name) {
		return location{}, fmt.Errorf("mapping %s: a path here has no leading /, no .. and forward slashes only: %w", quoted(name), fs.ErrInvalid)
	}
	return location{fsys, name}, nil
}

// unknownName is the name of neither a preset nor a file.
type unknownName struct{ name string }

func (e unknownName) Error() string {
	return fmt.Sprintf("no preset or file is named %s%s", quoted(e.name), didYouMean(e.name, Presets()))
}

// Is makes it an [fs.ErrNotExist].
func (e unknownName) Is(target error) bool { return target == fs.ErrNotExist }

// loader reads files and what they extend.
type loader struct {
	problems problems
	texts    map[string][]string
}

// merged reads a file and merges it into what it extends; nil where problems keep it from that.
func (l *loader) merged(at location, raw []byte, chain []string) *node {
	file := at.shown()
	text, ok := cleanText(raw, file, &l.problems)
	l.texts[file] = strings.Split(text, "\n")
	if !ok {
		return nil
	}
	root := parseYAML(text, file, &l.problems)
	if root == nil {
		return nil
	}
	if root.kind != nodeMap {
		l.problems.add(root.pos, "", "a mapping is a map of sections: version, tickets, messages, …; is this a mapping?")
		return nil
	}
	extends := root.get("extends")
	if extends == nil {
		return root
	}
	base := l.base(at, extends, append(chain, file))
	if base == nil {
		return nil
	}
	over := *root
	over.entries = slices.DeleteFunc(slices.Clone(root.entries), func(e keyed) bool { return e.key == "extends" })
	m := merger{&l.problems}
	return m.merge(base, &over, fileShape(), "")
}

// base reads the file another one extends, and says in that one what is wrong with it.
func (l *loader) base(at location, extends *node, chain []string) *node {
	const where = "extends"
	if extends.kind != nodeWord || extends.text == "" {
		l.problems.add(extends.pos, where, "write a preset's name or a file's: extends: %s", Presets()[0])
		return nil
	}
	name := extends.text
	if !slices.Contains(Presets(), strings.TrimPrefix(name, presetPrefix)) {
		name = path.Join(path.Dir(at.name), name)
	}
	next, err := locate(at.fsys, name)
	if err != nil {
		l.problems.add(extends.pos, where, "%v", err)
		return nil
	}
	if slices.Contains(chain, next.shown()) {
		l.problems.add(extends.pos, where, "goes in a circle: %s", strings.Join(append(chain, next.shown()), " extends "))
		return nil
	}
	if len(chain) >= maxExtends {
		l.problems.add(extends.pos, where, "more than %d files extend one another; merge some of them", maxExtends)
		return nil
	}
	raw, err := next.read()
	if errors.Is(err, fs.ErrNotExist) {
		l.problems.add(extends.pos, where, "there is no file %s; presets: %s", quoted(name), strings.Join(Presets(), ", "))
		return nil
	}
	if err != nil {
		l.problems.add(extends.pos, where, "reading %s: %v", quoted(name), err)
		return nil
	}
	return l.merged(next, raw, chain)
}
