package importer

import (
	"context"
	"runtime"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/sources"
)

// Job reads an export through its mapping: to report on it, to stage it for a run, or to convert it. Check and
// Stage share one path, so they judge alike: records are mapped on all cores, their facts sorted by ticket on disk, and
// tickets assembled one by one. Memory does not grow with the export, only with its largest ticket.
type Job struct {
	Source  sources.Source
	Files   []*sources.File // of the source, to hold the mapping against before the first record
	Mapping *mapping.Mapping
	Now     time.Time // no sent time may lie after it; zero is the time of the call

	// Since and Until select tickets by when they began: the sent time of the earliest message, else the ticket's
	// created_datetime. Since is included, Until is not; zero is no bound. A ticket without any time is not selected.
	Since, Until time.Time
	OnlyTicket   string          // the source's id of the one ticket wanted
	Only         map[string]bool // the source's ids of the tickets wanted, beside OnlyTicket; nil: all
	Limit        int             // only the first tickets, in input order, of those selected otherwise; zero: all

	Sync    *SyncOptions     // nil: an import
	Choices *mapping.Choices // what is decided of people beside the mapping; nil: nothing

	Pick bool // chooses tickets for the preview: [Summary.Picks]. It takes a look at every text

	SendIncomplete bool    // tickets with a rejected record are sent without it
	PerMessage     bool    // as Run.PerMessage; of consequence for the requests planned only
	MaxMessages    int     // as in Run
	MaxBytes       int     // as in Run
	LinkFiles      bool    // URLs are left as they are: of consequence for the uploads planned only
	Quota          float64 // requests a second, for the hours the import takes; zero: [DefaultQuota]

	Rejects  *sources.Rejects // takes the rejected records; nil: they are only counted. The caller closes it
	Progress func(Progress)   // called from one goroutine at a time, often; nil: nobody looks
	TempDir  string           // for sorted facts, about 300 bytes a message in a check, the bodies too when staging; "" is the system's
	Lanes    int              // cores used; zero: all
}

// Phase is what a job is busy with.
type Phase string

// The phases of a job, in order. A second reading may come first, when the layout of times takes the whole input to
// settle.
const (
	Surveying Phase = "settling time layouts"
	Reading   Phase = "reading"
	Joining   Phase = "joining tickets"
	Rejecting Phase = "writing rejects"

	Previewing Phase = "reading previews" // of Previews
)

// Progress is how far a job is.
type Progress struct {
	Phase    Phase
	Records  int64 // read so far in this phase
	Messages int64 // mapped so far
	Tickets  int64 // assembled so far
	Done     int64 // bytes of input read in all passes so far; 0 when the source does not tell
	Total    int64 // bytes of the input
}

func (j *Job) lanes() int {
	if j.Lanes > 0 {
		return j.Lanes
	}
	return runtime.GOMAXPROCS(0)
}

func (j *Job) now() time.Time {
	if j.Now.IsZero() {
		return time.Now()
	}
	return j.Now
}

// bind holds the mapping against the files and their columns before the first record.
func (j *Job) bind() error { return j.Mapping.BindFiles(j.Files) }

func (j *Job) progress(p Progress) {
	if j.Progress == nil {
		return
	}
	if s, ok := j.Source.(interface{ Progress() (done, total int64) }); ok {
		p.Done, p.Total = s.Progress()
	}
	j.Progress(p)
}

// Sizes of the runs the sorters hold in memory, twice each at most.
const (
	factsRun    = 2 << 20
	idsRun      = 512 << 10
	rejectedRun = 512 << 10
	customerRun = 512 << 10
	filesRun    = 256 << 10
)

// pass is one way through the export.
type pass struct {
	j        *Job
	skeleton bool // no bodies: enough to judge
	now      time.Time
	name     string                                     // the source's
	kept     func(context.Context, Key) ([]byte, error) // facts of an earlier plan, for mended records; may be nil
	lost     func(*lane, *assembled)                    // is told of every ticket nothing can be made of, on its lane; may be nil
	settled  *mapping.Survey
	lanes    []*lane

	facts     *sorter // by ticket
	ids       *sorter // messages by id
	rejected  *sorter // records by ordinal, with the reasons
	customers *sorter // the parts people took, by e-mail
	files     *sorter // sizes, by a fingerprint of where the bytes are
	people    *directory
	bad       int64 // records that could not be read
	account   account
	cutoff    *first            // of Limit
	covered   *mapping.Coverage // of mappers that were replaced
}

// lane is what one core needs of its own.
type lane struct {
	mapper *mapping.Mapper
	result mapping.Result
	seen   *peopleSeen
	code   coder
	marks  marks // of the record in hand, and its warnings
	warned uint8
	named  []byte // the key of the fact in hand, with the source's name

	view  *directoryView
	group mapping.Group
	refs  []ref
	out   mapping.Assembled
	sizes []int
	told  []part
	clock hourClock
	files toldFiles
}

func (j *Job) begin(skeleton bool) (*pass, error) {
	if err := j.bind(); err != nil {
		return nil, err
	}
	p := &pass{j: j, skeleton: skeleton, now: j.now(), name: j.Mapping.Name()}
	p.open()
	return p, nil
}

// open makes everything anew.
func (p *pass) open() {
	dir := p.j.TempDir
	p.facts, p.ids = newSorter(dir, factsRun), newSorter(dir, idsRun)
	p.rejected, p.customers, p.files = newSorter(dir, rejectedRun), newSorter(dir, customerRun), newSorter(dir, filesRun)
	p.people = newDirectory(dir)
	p.bad, p.account = 0, account{}
	_, zone := p.j.zone()
	p.lanes = make([]*lane, p.j.lanes())
	for i := range p.lanes {
		p.lanes[i] = &lane{clock: hourClock{zone: zone}, group: mapping.Group{Choices: p.j.Choices}, mapper: p.j.Mapping.Mapper(mapping.Env{Now: p.now, Settled: p.settled}), seen: new(peopleSeen)}
	}
}

func (p *pass) close() {
	p.facts.close()
	p.ids.close()
	p.rejected.close()
	p.customers.close()
	p.files.close()
	p.people.close()
}

// coverage adds what was read and has no place, and what the mapping reads that is nowhere.
func (p *pass) coverage(s *Summary) {
	all := p.covered
	for _, l := range p.lanes {
		if all == nil {
			all = l.mapper.Coverage()
		} else {
			all.Merge(l.mapper.Coverage())
		}
	}
	p.account.problems.add(all.Unmet())
	s.Problems = p.account.problems.sums()
	for _, u := range all.Unplaced() {
		s.Fields = append(s.Fields, FieldSum{u.Input, u.Path, u.Count, u.Example})
	}
	for _, k := range all.Kept() {
		s.Kept = append(s.Kept, KeptSum{k.Input, k.Path, k.To, k.Count})
	}
	s.Timezone, _ = p.j.zone()
	s.countChanged()
}

// summary ends the account once all tickets were assembled.
func (p *pass) summary(ctx context.Context) (*Summary, error) {
	if err := p.shared(ctx); err != nil {
		return nil, err
	}
	late, err := p.rejections(ctx)
	if err != nil {
		return nil, err
	}
	p.account.records.Mapped -= late
	p.account.records.Rejected += late
	people, err := p.accountOfPeople(ctx)
	if err != nil {
		return nil, err
	}
	s := p.account.summary()
	p.coverage(s)
	s.People = people
	s.countUnknown()
	return s, p.distinctFiles(ctx, &s.Attachments)
}

// fixedLookups are the account, its users, whose key it is, and its ticket fields or teams.
const fixedLookups = 4

// cost works the requests out.
func (j *Job) cost(s *Summary, creates, appends, billable int64) {
	s.Requests = RequestSums{Creates: creates, Appends: appends}
	if creates+appends > 0 {
		s.Requests.Lookups = fixedLookups + min(int64(samples), creates) + s.People.Customers
		for _, ch := range s.Channels {
			if ch.Channel == "email" { // its integrations
				s.Requests.Lookups++
			}
		}
		s.Requests.Probes = (creates + 99) / 100
	}
	r := &s.Requests
	switch r.Billable = billable; {
	case creates+appends == 0:
	case j.LinkFiles:
		r.Uploads, r.UploadBytes = s.Attachments.Carried, s.Attachments.CarriedBytes
	default:
		r.Uploads, r.UploadBytes = s.Attachments.Distinct, s.Attachments.DistinctBytes
	}
	r.Planned = r.Creates + r.Appends + r.Lookups + r.Probes + r.Uploads
	quota := j.Quota
	if quota <= 0 {
		quota = DefaultQuota
	}
	r.HoursAtQuota = float64(r.Planned) / quota / 3600
}
