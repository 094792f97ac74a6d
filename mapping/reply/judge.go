package reply

// fewLines is how many lines under a quote are rather a signature than an answer.
const fewLines = 7

// quoted settles what headings, headers and quotes carry along, and returns where the writer's own ends.
func (m *mail) quoted() int {
	n := len(m.lines)
	own := m.skipTop()
	wrote := false
	for i := own; i < n; i++ {
		switch m.kinds[i] {
		case kindText:
			wrote = true
		case kindHeading, kindForward, kindHeader:
			if !wrote {
				continue
			}
			end := m.block(i)
			m.headed = true
			if end == n { // all the rest is carried along
				m.drop(i, n)
				return m.backOverRules(i)
			}
			m.drop(i, end)
			i = end - 1
		}
	}
	return n
}

// skipTop drops a heading that stands above everything, with the quotes under it: the answer follows, or a mail is passed on
// without a word. Headers above everything are dropped only under such a heading: a web form may well write them.
func (m *mail) skipTop() int {
	i, seen := 0, false
	for ; i < len(m.lines) && m.kinds[i] != kindText; i++ {
		switch m.kinds[i] {
		case kindHeading, kindForward:
			seen = true
		case kindSignature, kindDevice, kindDash:
			if !seen {
				return 0
			}
		}
	}
	if !seen {
		return 0
	}
	for i > 0 && m.kinds[i-1] == kindEmpty {
		i--
	}
	m.drop(0, i)
	return i
}

// block returns the end of what the heading on line i carries along: len(m.lines) unless the writer goes on under the quote,
// or between quotes; then only the heading is, since what was quoted is needed to understand the rest.
func (m *mail) block(i int) int {
	end := i
	for end < len(m.lines) && (m.kinds[end] == kindHeading || m.kinds[end] == kindHeader || m.kinds[end] == kindForward || m.kinds[end] == kindEmpty) {
		end++
	}
	if m.kinds[i] != kindHeading || end == len(m.lines) || !m.isQuote(end) {
		return len(m.lines) // an original without quote marks
	}
	for end > i && m.kinds[end-1] == kindEmpty {
		end--
	}
	if i < m.goesOn {
		return end
	}
	texts, first := 0, 0
	for j := end; j < len(m.lines); j++ {
		switch {
		case m.kinds[j] == kindDash || m.kinds[j] == kindRule:
			return len(m.lines)
		case m.isQuote(j) || m.kinds[j] == kindHeading:
			if texts > 0 {
				m.goesOn = first
				return end
			}
		case m.kinds[j] == kindText:
			if texts++; texts == 1 {
				first = j
			}
			if texts == fewLines {
				m.goesOn = first
				return end
			}
		}
	}
	return len(m.lines)
}

func (m *mail) isQuote(i int) bool {
	if m.kinds[i] == kindText && isNameQuote(m.lines[i]) {
		m.kinds[i] = kindQuote
	}
	return m.kinds[i] == kindQuote
}

// backOverRules takes along the line of marks above what was dropped from line i on.
func (m *mail) backOverRules(i int) int {
	for i > 0 {
		switch m.kinds[i-1] {
		case kindRule, kindDash:
			m.fates[i-1] = lineDropped
		case kindEmpty:
		default:
			return i
		}
		i--
	}
	return i
}

// maxSignature is how many lines a signature has at most; what is longer is no signature.
const maxSignature = 15

// signature finds a signature in what ends before end, and returns where it begins.
func (m *mail) signature(end int) int {
	for i := range end {
		if m.kinds[i] == kindSignature && m.fates[i] == lineKept {
			m.fates[i] = lineSignature
		}
	}
	dash, lines, rules := -1, 0, true
	for i := end - 1; i >= 0 && lines <= maxSignature; i-- {
		k := m.kinds[i]
		if m.fates[i] != lineKept || k == kindEmpty || k == kindQuote {
			continue
		}
		switch {
		case k == kindDash, k == kindRule && lines == 0 && rules:
			dash = i
		case k == kindRule:
		case k == kindText && isDevice(m.lines[i]):
			m.kinds[i] = kindDevice
		default:
			lines++
		}
		rules = rules && (k != kindText || m.kinds[i] == kindDevice)
	}
	if dash < 0 || m.firstText(dash) < 0 {
		return end
	}
	for i := dash; i < end; i++ {
		if m.fates[i] != lineKept {
			continue
		}
		m.fates[i] = lineSignature
		if k := m.kinds[i]; k == kindDash || k == kindRule || k == kindQuote {
			m.fates[i] = lineDropped
		}
	}
	return dash
}

// firstText returns the first line of the writer's own words above line end, -1 where there is none.
func (m *mail) firstText(end int) int {
	for i := range end {
		if m.kinds[i] == kindText && m.fates[i] == lineKept {
			return i
		}
	}
	return -1
}

// trailing drops device lines and quotes under the writer's last words, where there are any.
func (m *mail) trailing(end int) {
	first := m.firstText(end)
	for i := end - 1; i > first && first >= 0; i-- {
		if m.fates[i] != lineKept {
			continue
		}
		switch m.kinds[i] {
		case kindEmpty, kindHeading, kindHeader, kindForward, kindRule:
			continue
		case kindQuote:
			m.drop(i, i+1)
			continue
		case kindText:
			if m.headed && m.isQuote(i) {
				m.drop(i, i+1)
				continue
			}
			if !isDevice(m.lines[i]) {
				return
			}
		case kindDevice:
		default:
			return
		}
		m.fates[i] = lineSignature
	}
}
