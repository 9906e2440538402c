//! Messages and the ways they leave: MIME with slots, DKIM, the mailers. Knows no database and no schedule.
