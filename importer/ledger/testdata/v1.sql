-- The ledger: what was tried and what came of it. Ids, fingerprints and times, no bodies.
-- Times are milliseconds since 1970, UTC.

create table about (
	name  text primary key,
	value text not null
) strict, without rowid;

-- What names a ticket and a message, per source. A mapping with other identity rules is refused.
create table source (
	name     text primary key,
	identity text not null,
	since    integer not null
) strict, without rowid;

-- Who holds the ledger. The lock file decides; this row only tells people.
create table lease (
	id    integer primary key check (id = 1),
	who   text not null,
	pid   integer not null,
	host  text not null,
	since integer not null
) strict;

create table run (
	id      integer primary key,
	started integer not null,
	ended   integer,
	version text not null,
	source  text not null,
	mapping text not null,
	counts  text not null default '',
	note    text not null default ''
) strict;

create table ticket (
	id          integer primary key,
	key         text not null unique,
	external_id text,                           -- as sent, where it is not the key
	seq         integer not null,
	version     text not null,
	payload     blob not null,
	state       text not null check (state in ('planned','asking','doubt','made','done','refused','held','undone')),
	reason      text not null default '',
	note        text not null default '',
	target      integer,
	adopted     integer not null default 0,     -- found, not made: never undone
	generation  integer not null default 1,
	attempts    integer not null default 0,     -- the fence
	look        integer not null default 0,     -- look before creating
	next_look   integer,                        -- in doubt
	run         integer not null default 0,     -- that last planned or retried it
	done_run    integer                         -- whose request completed it; 0: found complete
) strict;
create index ticket_open on ticket(seq, id) where state in ('planned','made');
create index ticket_doubt on ticket(state, next_look) where state in ('asking','doubt');
create index ticket_external on ticket(external_id) where external_id is not null;

create table message (
	ticket    integer not null references ticket(id),
	id        text not null,                    -- as sent
	ord       integer not null,
	content   blob not null,
	size      integer not null,
	direction text not null check (direction in ('incoming','outgoing','internal')),
	target    integer,
	attempt   integer,                          -- the last that carried it
	run       integer,                          -- whose request stored it; 0: nobody's of this ledger
	primary key (ticket, id)
) strict, without rowid;

create table attempt (
	id         integer primary key,
	ticket     integer not null references ticket(id),
	n          integer not null,
	run        integer not null,
	kind       text not null check (kind in ('create','append')),
	messages   integer not null,
	body       blob not null,                   -- sha256
	asked      integer not null,
	answer     text,                            -- null: none was recorded
	answered   integer,
	note       text not null default '',
	looks      integer not null default 0,
	repeat     integer not null default 0,      -- a person asked to repeat it on evidence
	settled_at integer
) strict;
create unique index one_open on attempt(ticket) where settled_at is null;

-- Target tickets we deleted.
create table dead (
	target integer primary key,
	ticket integer not null references ticket(id)
) strict;

-- What a sweep met of tickets never tried.
create table sighting (
	ticket integer not null,
	target integer not null,
	primary key (ticket, target)
) strict, without rowid;
