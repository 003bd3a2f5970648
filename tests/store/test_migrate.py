"""The migration runner against real databases."""


async def test_a_fresh_test_database_is_migrated(database):
    async with database.transaction() as tx:
        cursor = await tx.execute("SELECT name FROM schema_migration")
        assert ("0001_foundation",) in await cursor.fetchall()
