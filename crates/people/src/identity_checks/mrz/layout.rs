//! Where the fields stand in the three sizes of zone.

/// Where things stand in one of the three sizes: line index and half-open range from zero.
pub struct Layout {
    pub width: usize,
    pub code_line: usize,
    pub number: Span,
    pub number_check: Span,
    /// Where a number longer than nine characters goes on (TD1 and TD2 only).
    pub number_overflow: Option<Span>,
    pub birth: Span,
    pub birth_check: Span,
    pub expiry: Span,
    pub expiry_check: Span,
    pub nationality: Span,
    pub personal: Option<(Span, Span)>,
    pub names: Span,
    pub composite: &'static [Span],
    pub composite_check: Span,
}

pub type Span = (usize, usize, usize);

pub const TD3: Layout = Layout {
    width: 44,
    code_line: 0,
    number: (1, 0, 9),
    number_check: (1, 9, 10),
    number_overflow: None,
    birth: (1, 13, 19),
    birth_check: (1, 19, 20),
    expiry: (1, 21, 27),
    expiry_check: (1, 27, 28),
    nationality: (1, 10, 13),
    personal: Some(((1, 28, 42), (1, 42, 43))),
    names: (0, 5, 44),
    composite: &[(1, 0, 10), (1, 13, 20), (1, 21, 43)],
    composite_check: (1, 43, 44),
};

pub const TD2: Layout = Layout {
    width: 36,
    code_line: 0,
    number: (1, 0, 9),
    number_check: (1, 9, 10),
    number_overflow: Some((1, 28, 35)),
    birth: (1, 13, 19),
    birth_check: (1, 19, 20),
    expiry: (1, 21, 27),
    expiry_check: (1, 27, 28),
    nationality: (1, 10, 13),
    personal: None,
    names: (0, 5, 36),
    composite: &[(1, 0, 10), (1, 13, 20), (1, 21, 35)],
    composite_check: (1, 35, 36),
};

pub const TD1: Layout = Layout {
    width: 30,
    code_line: 0,
    number: (0, 5, 14),
    number_check: (0, 14, 15),
    number_overflow: Some((0, 15, 30)),
    birth: (1, 0, 6),
    birth_check: (1, 6, 7),
    expiry: (1, 8, 14),
    expiry_check: (1, 14, 15),
    nationality: (1, 15, 18),
    personal: None,
    names: (2, 0, 30),
    composite: &[(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)],
    composite_check: (1, 29, 30),
};
