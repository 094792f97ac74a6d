package importer

import "context"

// MessageFiles are what the attachments of a message became in the target, and the images in its text.
type MessageFiles struct {
	Attachments []File   `json:"attachments,omitempty"` // in the order of the message's own
	Inline      []Inline `json:"inline,omitempty"`
	Beyond      int      `json:"beyond,omitempty"` // images that stay as they are: the text has more than become files
}

// Inline is an image in a text that is no attachment of its message.
type Inline struct {
	Ref  string `json:"ref"` // what stands for it in the text: a URL, or the hash of its data (see the target)
	File File   `json:"file"`
}

// File is one file in the target, or why it could not be had.
type File struct {
	URL         string `json:"url,omitempty"` // "" where it is missing
	Name        string `json:"name,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	Size        int64  `json:"size,omitempty"`
	Missing     string `json:"missing,omitempty"` // the code, "file.gone": a line of text stands for it
}

// Preparer is a [Target] that has something to do before requests are made: it fetches files and uploads them, say. That
// may take long, so it holds no request slot; it changes no ticket, so it may be repeated.
type Preparer interface {
	// Prepare makes messages from ≤ i < to of w ready for Create or Append, and puts into w what they need. A *[Hold] holds
	// the ticket, any other error ends the run.
	Prepare(ctx context.Context, w *Work, from, to int) error
}

// Hold is why a ticket waits for a person.
type Hold struct{ Reason, Note string }

func (h *Hold) Error() string { return h.Note }
