// Package conversation draws a conversation as Gorgias shows it: the customer on the left, agents on the right, internal
// notes in yellow, a line for each day. The sandbox's page and the report are both drawn by it. What it draws is hostile:
// nothing of it runs, loads anything or leads anywhere, and no size or depth of it breaks the page around it. It knows
// nothing of where a conversation comes from.
package conversation

import (
	_ "embed" // the template and its style
	"fmt"
	"html/template"
	"strings"
	"time"
)

//go:embed conversation.html
var source string

//go:embed conversation.css
var style string

// View is a conversation to draw. Every text in it may be hostile.
type View struct {
	Label    string   // what the list of messages is called to a screen reader, as the subject
	Status   string   // open, closed; "" is not shown
	Marks    []string // as "spam", "trash"
	Tags     []string
	Facts    []Fact
	Messages []Message      // in the order they are shown
	Empty    string         // why there are no messages; "" is said as that there are none
	Left     int            // messages that are not shown, after the last
	Both     bool           // a text whose words are not those of the HTML is shown as well
	Zone     *time.Location // times are shown in; nil is UTC
}

// Fact is a line of a conversation's head, as Customer: Ana <ana@example.test>.
type Fact struct{ Name, Text string }

// Kind is who wrote a message.
type Kind uint8

// The kinds of a message.
const (
	Incoming Kind = iota // of the customer
	Outgoing             // of an agent
	Note                 // of an agent, for agents
)

// Message is one message of a conversation. What is "" or zero is not shown.
type Message struct {
	ID          string // of its element, for links to it; unique in the page
	Kind        Kind
	Who         string // the author's name, else the address; "" is shown as "unknown"
	Address     string // the author's, where Who is the name
	To, Cc, Bcc []string
	Sent        time.Time
	Channel     string
	Via         string
	ExternalID  string
	Subject     string
	Text        string // shown where HTML is "" or says the same, and where View.Both asks for it
	HTML        string // shown in a frame of its own, unless it is no more than text
	Cut         bool   // Text or HTML is only the beginning
	Files       []File
	Alarm       string // why the message is one to worry about
}

// File is an attachment. It is named, never loaded.
type File struct {
	Name, ContentType string
	Bytes             int64
}

// Drawer draws conversations. It may be used by several goroutines at once.
type Drawer struct {
	page  *template.Template
	clean *cleaner
}

// New returns a Drawer.
func New() *Drawer {
	return &Drawer{page: template.Must(template.New("conversation").Parse(source)), clean: newCleaner()}
}

// Style is the style sheet of what [Drawer.HTML] draws. It touches nothing outside of the class "conversation".
func Style() template.CSS { return template.CSS(style) }

// FramePolicy is the content policy of the frames that HTML bodies are shown in. The page around them hands its own down
// to them: where that has no style-src 'unsafe-inline', the frames are shown without style and say so on the console.
const FramePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// HTML draws v as one element <div class="conversation">, without headings: v.Label is the caller's to show. It is to be
// used with [Style]. An error means that the template failed, which no content of v makes it do.
func (d *Drawer) HTML(v *View) (template.HTML, error) {
	var b strings.Builder
	if err := d.page.Execute(&b, d.draw(v)); err != nil {
		return "", fmt.Errorf("drawing the conversation %q: %w", Line(v.Label), err)
	}
	return template.HTML(b.String()), nil
}
