package export

import "slices"

// Losses count what a form has no place for, by kind.
type Losses struct{ list []Loss }

// Loss is one kind of it.
type Loss struct {
	Code  string // stable
	Text  string // what is lost, for people
	Count int64
}

// All are the losses in the order they were met.
func (l *Losses) All() []Loss { return slices.Clone(l.list) }

func (l *Losses) add(code, text string) {
	i := slices.IndexFunc(l.list, func(x Loss) bool { return x.Code == code && x.Text == text })
	if i < 0 {
		l.list = append(l.list, Loss{Code: code, Text: text})
		i = len(l.list) - 1
	}
	l.list[i].Count++
}
