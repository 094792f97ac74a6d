package mapping

// fillBodies makes a missing body form from the other (the server derives none, api/gorgias section 3). A message with both or
// neither stays as it is.
func fillBodies(m *Message) {
	switch {
	case m.BodyText == "" && m.BodyHTML != "":
		m.BodyText = TextOfHTML(m.BodyHTML)
	case m.BodyHTML == "" && m.BodyText != "":
		m.BodyHTML = HTMLOfText(m.BodyText)
	}
}
