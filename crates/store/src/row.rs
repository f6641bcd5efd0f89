use crate::DbError;
use base::Timestamp;

/// One row of an answer; columns are counted from 0.
#[derive(Debug)]
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r ::postgres::Row),
}

impl Row<'_> {
    pub fn int(&self, column: usize) -> Result<i64, DbError> {
        self.get(column)
    }

    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, DbError> {
        self.get(column)
    }

    pub fn bool(&self, column: usize) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    pub fn time(&self, column: usize) -> Result<Timestamp, DbError> {
        self.int(column).map(Timestamp)
    }

    pub fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, DbError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub fn text(&self, column: usize) -> Result<String, DbError> {
        self.get(column)
    }

    pub fn opt_text(&self, column: usize) -> Result<Option<String>, DbError> {
        self.get(column)
    }

    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, DbError> {
        self.get(column)
    }

    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>, DbError> {
        self.get(column)
    }

    /// The bytes of an id.
    pub fn id16(&self, column: usize) -> Result<[u8; 16], DbError> {
        let bytes = self.bytes(column)?;
        let length = bytes.len();
        bytes.try_into().map_err(|_| DbError::Corrupt {
            column,
            reason: format!("{length} bytes, not 16"),
        })
    }

    pub fn opt_id16(&self, column: usize) -> Result<Option<[u8; 16]>, DbError> {
        match self.opt_bytes(column)? {
            Some(_) => self.id16(column).map(Some),
            None => Ok(None),
        }
    }

    /// Borrows the bytes of a column without copying them.
    pub fn with_bytes<T>(&self, column: usize, read: impl FnOnce(&[u8]) -> T) -> Result<T, DbError> {
        let corrupt = |reason: String| DbError::Corrupt { column, reason };
        match self {
            Self::Sqlite(row) => {
                let value = row.get_ref(column).map_err(|e| corrupt(e.to_string()))?;
                Ok(read(value.as_blob().map_err(|e| corrupt(e.to_string()))?))
            }
            Self::Postgres(row) => Ok(read(row.try_get(column).map_err(|e| corrupt(e.to_string()))?)),
        }
    }

    fn get<T>(&self, column: usize) -> Result<T, DbError>
    where
        T: rusqlite::types::FromSql + for<'a> ::postgres::types::FromSql<'a>,
    {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(|e| e.to_string()),
            Self::Postgres(row) => row.try_get(column).map_err(|e| e.to_string()),
        }
        .map_err(|reason| DbError::Corrupt { column, reason })
    }
}
