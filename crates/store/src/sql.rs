/// A registered statement: parameters are `$1`, `$2`, …; the text runs on both engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sql(pub &'static str);

/// Declares the statements of a feature and lists them in `ALL`, so that a test prepares each on
/// both engines.
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $vis:vis $name:ident = $text:expr;)*) => {
        $($(#[$doc])* $vis const $name: $crate::Sql = $crate::Sql($text);)*
        /// Every statement of this feature.
        pub const ALL: &[&$crate::Sql] = &[$(&$name),*];
    };
}

/// SQLite numbers `$n` by first appearance and looks it up by name; `?n` it numbers as PostgreSQL
/// numbers `$n`. Text within quotes is left alone.
pub(crate) fn sqlite_text(sql: &str) -> String {
    let mut quoted = false;
    let mut text = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        quoted ^= c == '\'';
        let parameter = c == '$' && !quoted && chars.peek().is_some_and(char::is_ascii_digit);
        text.push(if parameter { '?' } else { c });
    }
    text
}

/// The schema's three types and its table options, as SQLite wants them. `BIGINT PRIMARY KEY`
/// becomes the rowid itself, every table is STRICT, and `/* clustered */` keeps the rows in their
/// key's own tree.
pub(crate) fn sqlite_schema(sql: &str) -> String {
    sql.replace("BIGINT", "INTEGER")
        .replace("BYTEA", "BLOB")
        .replace("\n) /* clustered */;", "\n) STRICT, WITHOUT ROWID;")
        .replace("\n);", "\n) STRICT;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_as_in_postgresql() {
        assert_eq!(
            sqlite_text("a = $2 AND b = '$1' AND c = $10"),
            "a = ?2 AND b = '$1' AND c = ?10"
        );
    }

    #[test]
    fn types_and_table_options_are_sqlites() {
        let schema =
            "CREATE TABLE a (\n id BIGINT PRIMARY KEY\n);\nCREATE TABLE b (\n k BYTEA\n) /* clustered */;";
        let expected = "CREATE TABLE a (\n id INTEGER PRIMARY KEY\n) STRICT;\nCREATE TABLE b (\n k BLOB\n) STRICT, WITHOUT ROWID;";
        assert_eq!(sqlite_schema(schema), expected);
    }
}
