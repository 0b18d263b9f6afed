//! PostgreSQL: serializable transactions over a pool, prepared statements, binary COPY and LISTEN.

mod tls;

use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod};
use futures::stream::StreamExt as _;
use tokio::sync::Notify;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use tokio_postgres::{AsyncMessage, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::value::{Row, Value};
use values::error::{Error, Result};

/// Connections that one node holds at most.
const POOL_SIZE: usize = 32;

#[derive(Clone)]
pub struct Postgres {
    pool: Pool,
    announced: Arc<Notify>,
    config: Arc<Config>,
    tls: MakeRustlsConnect,
    listening: Arc<AtomicBool>,
}

impl Postgres {
    pub async fn open(url: &str) -> Result<Self> {
        let tls::Settings { config, tls } = tls::settings(url)?;
        let manager = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), tls.clone(), manager))
            .max_size(POOL_SIZE)
            .build()
            .map_err(|e| Error::internal(e.to_string()))?;
        let (announced, config) = (Arc::new(Notify::new()), Arc::new(config));
        let db = Self { pool, announced, config, tls, listening: Arc::default() };
        // What does not work at all is most likely a wrong setting, so it is told as one.
        drop(db.pool.get().await.map_err(|e| Error::invalid("database_url", unreachable(&e)))?);
        Ok(db)
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(|e| Error::internal(unreachable(&e)))
    }

    pub async fn begin(&self, begin: &str) -> Result<PostgresTx> {
        let client = self.client().await?;
        client.batch_execute(begin).await.map_err(|e| fault(begin, &e))?;
        Ok(PostgresTx { client: Some(client) })
    }

    /// Waits for a NOTIFY of another node; the listening connection is made on first use and again when it breaks.
    pub async fn next_announcement(&self) -> Result<()> {
        if !self.listening.swap(true, Ordering::SeqCst)
            && let Err(error) = self.listen().await
        {
            self.listening.store(false, Ordering::SeqCst);
            return Err(error);
        }
        self.announced.notified().await;
        Ok(())
    }

    async fn listen(&self) -> Result<()> {
        let connected = self.config.connect(self.tls.clone()).await;
        let (client, mut connection) = connected.map_err(|e| fault("LISTEN", &e))?;
        let (announced, listening) = (self.announced.clone(), self.listening.clone());
        let (keep, kept) = tokio::sync::oneshot::channel::<tokio_postgres::Client>();
        tokio::spawn(async move {
            let mut messages = futures::stream::poll_fn(move |cx| connection.poll_message(cx));
            while let Some(Ok(message)) = messages.next().await {
                if matches!(message, AsyncMessage::Notification(_)) {
                    announced.notify_one();
                }
            }
            // The connection broke: whoever waits wakes and listens again.
            listening.store(false, Ordering::SeqCst);
            announced.notify_one();
            drop(kept);
        });
        client.batch_execute("LISTEN concord").await.map_err(|e| fault("LISTEN", &e))?;
        // The subscription lasts as long as the client, so the client is kept beside the connection's task.
        drop(keep.send(client));
        Ok(())
    }
}

fn unreachable(error: &PoolError) -> String {
    let words = match error {
        PoolError::Backend(cause) => tls::words(cause),
        other => tls::words(other),
    };
    let help = if words.contains("does not support TLS") {
        "; turn TLS on there, or say sslmode=disable where nobody can listen (a Unix socket, a private network)"
    } else {
        ""
    };
    format!("PostgreSQL cannot be used: {words}{help}")
}

pub struct PostgresTx {
    client: Option<Object>,
}

impl PostgresTx {
    fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or_else(|| Error::internal("the transaction has ended"))
    }

    pub async fn rows(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await.map_err(|e| fault(sql, &e))?;
        let columns: Arc<[String]> = statement.columns().iter().map(|c| c.name().to_owned()).collect();
        let found = client.query(&statement, &borrowed(params)).await.map_err(|e| fault(sql, &e))?;
        found
            .iter()
            .map(|row| {
                let values = (0..columns.len())
                    .map(|place| row.try_get::<_, Value>(place))
                    .collect::<std::result::Result<Vec<Value>, _>>()
                    .map_err(|e| fault(sql, &e))?;
                Ok(Row { columns: columns.clone(), values })
            })
            .collect()
    }

    pub async fn run(&mut self, sql: &str, params: &[Value]) -> Result<u64> {
        let client = self.client()?;
        if params.is_empty() && is_transaction_control(sql) {
            client.batch_execute(sql).await.map_err(|e| fault(sql, &e))?;
            return Ok(0);
        }
        let statement = client.prepare_cached(sql).await.map_err(|e| fault(sql, &e))?;
        client.execute(&statement, &borrowed(params)).await.map_err(|e| fault(sql, &e))
    }

    pub async fn insert_many(&mut self, table: &str, columns: &[&str], rows: &[Vec<Value>]) -> Result<()> {
        let client = self.client()?;
        let shape = format!("SELECT {} FROM {table}", columns.join(", "));
        let statement = client.prepare_cached(&shape).await.map_err(|e| fault(&shape, &e))?;
        let types: Vec<Type> = statement.columns().iter().map(|c| c.type_().clone()).collect();
        let copy = format!("COPY {table} ({}) FROM STDIN BINARY", columns.join(", "));
        let sink = client.copy_in(&copy).await.map_err(|e| fault(&copy, &e))?;
        let mut writer = Box::pin(BinaryCopyInWriter::new(sink, &types));
        for row in rows {
            writer.as_mut().write(&borrowed(row)).await.map_err(|e| fault(&copy, &e))?;
        }
        writer.as_mut().finish().await.map_err(|e| fault(&copy, &e))?;
        Ok(())
    }

    pub async fn batch(&mut self, sql: &str) -> Result<()> {
        self.client()?.batch_execute(sql).await.map_err(|e| fault(sql, &e))
    }

    pub async fn check(&mut self, sql: &str) -> Result<()> {
        self.client()?.prepare(sql).await.map(|_| ()).map_err(|e| fault(sql, &e))
    }

    pub async fn commit(mut self) -> Result<()> {
        let client = self.client()?;
        let committed = client.batch_execute("COMMIT").await.map_err(|e| fault("COMMIT", &e));
        if committed.is_ok() {
            self.client.take();
        }
        committed
    }

    pub async fn rollback(mut self) -> Result<()> {
        let rolled_back = self.client()?.batch_execute("ROLLBACK").await.map_err(|e| fault("ROLLBACK", &e));
        if rolled_back.is_ok() {
            self.client.take();
        }
        rolled_back
    }
}

impl Drop for PostgresTx {
    fn drop(&mut self) {
        // An abandoned transaction: the connection is closed, which rolls it back, and leaves the pool.
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn is_transaction_control(sql: &str) -> bool {
    ["SAVEPOINT", "RELEASE", "ROLLBACK"].iter().any(|word| sql.starts_with(word))
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn fault(sql: &str, error: &tokio_postgres::Error) -> Error {
    use tokio_postgres::error::SqlState;
    let lost = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION];
    match error.code() {
        Some(code) if lost.contains(code) => Error::Lost(format!("{error:?} in: {sql}")),
        // Only U+0000 is text to us and not to PostgreSQL; the doors of other protocols may bring it this far.
        Some(code) if *code == SqlState::CHARACTER_NOT_IN_REPERTOIRE => {
            Error::invalid("text", "must not contain the character U+0000")
        }
        _ => Error::internal(format!("{error:?} in: {sql}")),
    }
}

type Boxed = Box<dyn StdError + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Text(text) => text.to_sql(ty, out),
            Value::Bytes(bytes) => bytes.to_sql(ty, out),
            Value::Real(number) => number.to_sql(ty, out),
            Value::Bool(flag) if *ty == Type::BOOL => flag.to_sql(ty, out),
            Value::Bool(flag) => i64::from(*flag).to_sql(ty, out),
            Value::Int(number) => match *ty {
                Type::INT4 => i32::try_from(*number)?.to_sql(ty, out),
                Type::INT2 => i16::try_from(*number)?.to_sql(ty, out),
                Type::FLOAT8 => (*number as f64).to_sql(ty, out),
                Type::BOOL => (*number != 0).to_sql(ty, out),
                _ => number.to_sql(ty, out),
            },
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Boxed> {
        let fits = match self {
            Value::Null => true,
            Value::Text(_) => <&str as ToSql>::accepts(ty),
            Value::Bytes(_) => *ty == Type::BYTEA,
            Value::Real(_) => *ty == Type::FLOAT8,
            Value::Bool(_) => matches!(*ty, Type::BOOL | Type::INT8),
            Value::Int(_) => matches!(*ty, Type::INT8 | Type::INT4 | Type::INT2 | Type::FLOAT8 | Type::BOOL),
        };
        if fits { self.to_sql(ty, out) } else { Err(format!("{self:?} does not fit a {ty} parameter").into()) }
    }
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> std::result::Result<Self, Boxed> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Value::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Value::Real(f64::from(f32::from_sql(ty, raw)?)),
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::BYTEA => Value::Bytes(Vec::from_sql(ty, raw)?),
            Type::VOID => Value::Null,
            _ if <&str as FromSql>::accepts(ty) => Value::Text(String::from_sql(ty, raw)?),
            _ => return Err(format!("a result column has the type {ty}: cast it to BIGINT or TEXT").into()),
        })
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Boxed> {
        Ok(Value::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
