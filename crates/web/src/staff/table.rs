/// A table that becomes a list of cards on a telephone.
pub struct Table {
    pub caption: String,
    pub empty: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Line>,
}

pub struct Column {
    pub label: String,
    pub number: bool,
}

pub struct Line {
    pub cells: Vec<Cell>,
}

#[derive(Default)]
pub struct Cell {
    pub label: String,
    pub text: String,
    pub number: bool,
    pub href: Option<String>,
    pub tone: &'static str,
    pub why: bool,
    /// Small, under the text.
    pub code: String,
}

impl Table {
    /// `columns` are labels; one that begins with `#` holds numbers.
    pub fn new(caption: String, empty: String, columns: Vec<String>) -> Self {
        let columns = columns
            .into_iter()
            .map(|label| match label.strip_prefix('#') {
                Some(label) => Column {
                    label: label.into(),
                    number: true,
                },
                None => Column { label, number: false },
            })
            .collect();
        Self {
            caption,
            empty,
            columns,
            rows: Vec::new(),
        }
    }

    pub fn push(&mut self, cells: Vec<Cell>) {
        let cells = cells
            .into_iter()
            .zip(&self.columns)
            .map(|(cell, column)| Cell {
                label: column.label.clone(),
                number: column.number,
                ..cell
            })
            .collect();
        self.rows.push(Line { cells });
    }
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    pub fn link(text: impl Into<String>, href: String) -> Self {
        Self {
            text: text.into(),
            href: Some(href),
            ..Self::default()
        }
    }

    pub fn pill(text: impl Into<String>, tone: &'static str) -> Self {
        Self {
            text: text.into(),
            tone,
            ..Self::default()
        }
    }

    pub fn with_code(self, code: &str) -> Self {
        Self {
            code: code.into(),
            ..self
        }
    }

    pub fn why(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            why: true,
            ..Self::default()
        }
    }
}
