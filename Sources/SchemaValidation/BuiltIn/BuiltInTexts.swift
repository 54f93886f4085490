// Made by Scripts/embed-schemas.sh from Schemas/: change those.

/// The schemas of Berth's own files, as they stand in Schemas/.
enum BuiltInTexts {
    static let version3 = #"""
        Qemu {}
        DEFINITIONS IMPLICIT TAGS ::=
        BEGIN

        -- Types that several definitions share --
        QemuString ::= UTF8String (SIZE (1..255))

        -- The page size of x86; other targets have other sizes, which this schema cannot say
        FullPage ::= OCTET STRING (SIZE (4096))

        RAMBlockID ::= SEQUENCE {
          name QemuString,
          len INTEGER
        }

        RAMSecEntry ::= [ APPLICATION 8914 ] SEQUENCE {
          addr INTEGER, -- A page's offset in its block; the total in a block list
          flags INTEGER, -- The flags of the binary record, as a number
          name QemuString OPTIONAL,
          body CHOICE {
            bl SEQUENCE OF RAMBlockID,
            compr INTEGER (0..255), -- Every octet of the page has this value
            page FullPage
            -- XBZRLE pages have no place here -- }
        }

        RAMSecList ::= [ APPLICATION 9810 ] SEQUENCE OF RAMSecEntry

        SubSection ::= [ APPLICATION 10707 ] SEQUENCE {
          name QemuString,
          versionid INTEGER,
          contents SEQUENCE OF VMStateEntries
        }

        SubSecList ::= [ APPLICATION 10700 ] SEQUENCE OF SubSection

        VMStateEntries ::= CHOICE {
          -- A value has neither a name nor a width --
          array SEQUENCE OF VMStateEntries,
          bool BOOLEAN,
          int INTEGER,
          oldblob OCTET STRING,
          subsecl SubSecList
        }

        VMState ::= SEQUENCE OF VMStateEntries

        -- Unsigned in every stream, though not said here
        SectionID ::= INTEGER

        SecFull ::= [ APPLICATION 2003 ] SEQUENCE {
          name QemuString,
          sectionid SectionID,
          instanceid INTEGER,
          versionid INTEGER,
          contents CHOICE {
            ramsec RAMSecList,
            -- Other iterators have no place here --
            vmstate VMState,
            oldblob OCTET STRING
          }
        }

        SecMin ::= [ APPLICATION 211 ] SEQUENCE {
          sectionid SectionID,
          contents CHOICE {
            ramsec RAMSecList
            -- Other iterators have no place here -- }
        }

        Sections ::= CHOICE {
          full SecFull,
          min SecMin
        }

        -- A whole file --
        -- This tag's octets make a file begin with 7f cd c5 51
        QemuFile ::= [ APPLICATION 1270481 ] SEQUENCE {
          version INTEGER (3),
          top SEQUENCE OF Sections
        }

        END

        """#

    static let version4 = #"""
        -- QEMU migration stream, BER encoding, version 4.
        --
        -- Version 3 is the schema of the March 2014 thread (qemu-v3.asn).  Version 4
        -- answers that thread's open questions and covers what a stream holds today:
        --   * the flags of a RAM record are gone: the tag says what the record is;
        --   * the block list comes first, pages follow, grouped by block;
        --   * equal-filled pages and adjoining full pages collapse into runs;
        --   * a section says whether it is START, PART, END or FULL;
        --   * a field carries its name and its width, so that the binary stream is
        --     rebuilt to the byte from this file alone;
        --   * whatever is not described stays a bounded OCTET STRING;
        --   * checkpoints find corruption early, an index gives random access.
        --
        -- An application tag's base-128 digits spell two or three letters, so that the
        -- larger structures can be seen in a hex dump.  Tags of 2014 keep their number
        -- where they keep their role.  docs/format-v4.md gives the rules in prose, with
        -- worked examples.

        Qemu4 {}
        DEFINITIONS IMPLICIT TAGS ::=
        BEGIN

        -- Basic types ----------------------------------------------------------

        Name      ::= UTF8String (SIZE (1..255))
        BlockName ::= UTF8String (SIZE (0..255))  -- of a RAM block; empty in QEMU up to 2.11
        UInt8     ::= INTEGER (0..255)
        UInt16    ::= INTEGER (0..65535)
        UInt32    ::= INTEGER (0..4294967295)
        UInt64    ::= INTEGER (0..MAX)         -- below 2^64: asn1c cannot hold that bound
        SectionID ::= UInt32

        -- The whole file: first octets 7f cd c5 51 ------------------------------

        QemuFile ::= [APPLICATION 1270481] SEQUENCE {      -- "MEQ"
            version  INTEGER (4),
            stream   StreamInfo,
            top      SEQUENCE OF Item
        }

        StreamInfo ::= SEQUENCE {
            fileversion  UInt32,           -- of the binary stream: 3; 0: there is no main channel
            producer     UTF8String,       -- which program encoded this file
            offset       [0] UInt64 OPTIONAL,  -- zero octets that stand before the stream
            channels     [1] UInt32 OPTIONAL,  -- the channels beside the main one, if there are any
            container    [2] Container OPTIONAL    -- the file that the stream came in
        }

        Item ::= CHOICE {
            configuration  Configuration,
            start          SecStart,
            part           SecPart,
            end            SecEnd,
            full           SecFull,
            command        Command,
            eof            EndOfStream,
            description    Description,
            raw            RawBytes,
            packed         PackedOctets,       -- behind all that are of the stream
            multifd        MultifdChannel,     -- channels: behind the main one's items
            preempt        PreemptChannel,
            returnpath     ReturnPath,
            continued      ContinuedConnection,
            cpr            CPRState,
            checkpoint     Checkpoint,
            index          Index
        }

        -- Sections --------------------------------------------------------------

        SecStart ::= [APPLICATION 10708] SEQUENCE {        -- "ST"
            sectionid   SectionID,
            name        Name,
            instanceid  UInt32,
            versionid   UInt32,
            contents    Contents,
            footer      BOOLEAN
        }

        SecPart ::= [APPLICATION 10324] SEQUENCE {         -- "PT"
            sectionid   SectionID,
            contents    Contents,
            footer      BOOLEAN
        }

        SecEnd ::= [APPLICATION 8910] SEQUENCE {           -- "EN"
            sectionid   SectionID,
            contents    Contents,
            footer      BOOLEAN
        }

        SecFull ::= [APPLICATION 2003] SEQUENCE {          -- 0f "S", as in 2014
            sectionid   SectionID,
            name        Name,
            instanceid  UInt32,
            versionid   UInt32,
            contents    Contents,
            footer      BOOLEAN
        }

        Contents ::= CHOICE {
            ram                 RAMSection,
            device              DeviceState,
            opaque              OCTET STRING,    -- not described: kept, bounded, skippable
            disks               BlockMigration,
            bitmaps             DirtyBitmaps,
            htab                HashTable,
            storage-attributes  StorageAttributes,
            vfio                VFIO,
            pbs-state           BackupServerState
        }

        -- RAM --------------------------------------------------------------------

        -- The end-of-section record is not spelled: a section ends with one, unless it is cut.
        RAMSection ::= [APPLICATION 9810] SEQUENCE OF RAMRecord      -- "LR"

        RAMRecord ::= CHOICE {
            blocks      RAMBlockList,
            pages       RAMPages,
            hook        [APPLICATION 9295] NULL,                     -- "HO"
            flush       [APPLICATION 9036] NULL,                     -- "FL": multifd channels meet
            cut         [APPLICATION 8660] OCTET STRING,             -- "CT": the stream ends here,
                                           -- with these octets and without an end-of-section record
            checkpoint  Checkpoint,        -- a section can be as large as the RAM
            mapped      [APPLICATION 9940] UInt64,                   -- "MT": the sum of the blocks' len
            mappedblock RAMMappedBlock,
            bitmap      RAMBitmap,
            gap         RAMGap,
            stored      RAMStored
        }

        -- The total that the binary stream sends before the list is the sum of len.
        RAMBlockList ::= [APPLICATION 8018] SEQUENCE OF RAMBlock

        RAMBlock ::= SEQUENCE {
            name      BlockName,
            len       UInt64,                    -- octets
            pagesize  [0] UInt64 OPTIONAL,       -- of the backing memory: post-copy with huge pages
            address   [1] UInt64 OPTIONAL        -- guest-physical: memory that is shared, not sent
        }

        -- mapped-ram: the pages have places in the file instead of records.  The list
        -- begins with mapped; then comes each block with its bitmap, what stands between
        -- bitmap and pages, and its pages, ascending.  Octets that nothing tells are 0.
        RAMMappedBlock ::= [APPLICATION 9922] SEQUENCE {             -- "MB"
            name          Name,
            len           UInt64,                -- octets
            address       [1] UInt64 OPTIONAL,   -- guest-physical
            pagesize      UInt32,                -- the target's
            bitmapoffset  UInt64,                -- where the bitmap begins in the saved file,
            pagesoffset   UInt64                 -- and the first page; both 0: shared, not saved
        }

        -- One bit a page, in words of the saving host: on a little-endian one, page i is
        -- bit i mod 8 of octet i / 8.  A page whose bit is clear is zero for QEMU, whatever
        -- stands in its place.
        RAMBitmap ::= [APPLICATION 8525] RAMOctets                   -- "BM"

        RAMGap ::= [APPLICATION 9168] RAMOctets                      -- "GP"

        RAMOctets ::= SEQUENCE {
            block   Name,
            offset  UInt64,                      -- octets from the start of the bitmap or the gap
            octets  SEQUENCE OF OctetRun
        }

        OctetRun ::= CHOICE {
            octets  OCTET STRING,
            zero    [0] INTEGER (1..MAX),        -- so many octets of zero
            fill    [2] RAMFill                  -- octets of another value
        }

        -- Pages in their places: like RAMPages, but there are no records, and what is
        -- skipped is 0.
        RAMStored ::= [APPLICATION 10704] SEQUENCE {                 -- "SP"
            block     Name,
            pagesize  UInt32,
            addr      UInt64,                    -- octets from the start of the block
            pages     SEQUENCE OF StoredPage
        }

        StoredPage ::= CHOICE {
            full  OCTET STRING,                  -- one page, or several that adjoin
            skip  [1] INTEGER (1..MAX)           -- so many pages forward
        }

        -- A group of pages of one block.  It stands alone: nothing before it is needed
        -- to place its pages.  A cursor begins at addr; each entry acts on the page or
        -- pages under it and moves it behind them.
        RAMPages ::= [APPLICATION 10311] SEQUENCE {                  -- "PG"
            block     BlockName,
            spelled   BOOLEAN,                   -- the binary stream spells the name here
            pagesize  UInt32,
            addr      UInt64,                    -- octets from the start of the block
            pages     SEQUENCE OF RAMPage
        }

        RAMPage ::= CHOICE {
            full    OCTET STRING,                -- one page, or several that adjoin
            zero    [0] INTEGER (1..MAX),        -- so many pages of zeros
            skip    [1] INTEGER,                 -- so many pages forward; back, if negative
            fill    [2] RAMFill,                 -- pages filled with another octet
            packed  [3] INTEGER (1..MAX),        -- so many pages, in the data of a multifd packet
            xbzrle  [APPLICATION 11330] OCTET STRING,                -- "XB": one page's delta
            zlib    [APPLICATION 8666] OCTET STRING                  -- "CZ": one page, deflated
        }

        RAMFill ::= SEQUENCE {
            value  UInt8,
            count  INTEGER (1..MAX)
        }

        -- Other iterators ----------------------------------------------------------

        -- A section's records stand in stream order.  What surrounds them in the binary stream (the word
        -- or mark that ends each section, words that repeat a length) is implied.  A section that goes on
        -- with what is no record, or is cut off, has a last record "rest": those octets, and no end.

        BlockMigration ::= [APPLICATION 8523] SEQUENCE OF BlockRecord          -- "BK"

        BlockRecord ::= CHOICE {
            chunk       [0] BlockChunk,
            zero        [1] ZeroChunk,
            progress    [2] INTEGER (0..36028797018963967),      -- per cent
            rest        OCTET STRING,
            checkpoint  Checkpoint
        }

        BlockChunk ::= SEQUENCE {
            sector  INTEGER (0..36028797018963967),  -- the first one, of 512 octets
            device  Name,
            data    OCTET STRING (SIZE (1048576))    -- so many even at the end of the disk
        }

        ZeroChunk ::= SEQUENCE {
            sector  INTEGER (0..36028797018963967),
            device  Name
        }

        DirtyBitmaps ::= [APPLICATION 8770] SEQUENCE OF BitmapRecord           -- "DB"

        -- A name that is not there is the one that the record before has, or the section before.
        BitmapRecord ::= CHOICE {
            start       [0] BitmapStart,
            bits        [1] BitmapBits,
            zeroes      [2] BitmapZeroes,
            complete    [3] BitmapComplete,
            rest        OCTET STRING,
            checkpoint  Checkpoint
        }

        BitmapStart ::= SEQUENCE {
            node         [0] Name OPTIONAL,
            bitmap       [1] Name OPTIONAL,
            granularity  UInt32,                 -- octets of the disk for a bit
            flags        UInt8                   -- 1 enabled, 2 persistent, 4 autoload (old)
        }

        BitmapBits ::= SEQUENCE {
            node    [0] Name OPTIONAL,
            bitmap  [1] Name OPTIONAL,
            sector  UInt64,                      -- the first one, of 512 octets
            count   UInt32,                      -- sectors
            data    OCTET STRING                 -- the bits, least significant first
        }

        BitmapZeroes ::= SEQUENCE {
            node    [0] Name OPTIONAL,
            bitmap  [1] Name OPTIONAL,
            sector  UInt64,
            count   UInt32
        }

        BitmapComplete ::= SEQUENCE {
            node    [0] Name OPTIONAL,
            bitmap  [1] Name OPTIONAL
        }

        HashTable ::= [APPLICATION 9300] SEQUENCE OF HashTableRecord           -- "HT"

        -- "none" and "shift" stand alone.
        HashTableRecord ::= CHOICE {
            none        [0] NULL,                -- the guest has no such table
            shift       [1] INTEGER (1..64),     -- the table has 2 to the power of this octets
            chunk       [2] HashTableChunk,
            rest        OCTET STRING,
            checkpoint  Checkpoint
        }

        HashTableChunk ::= SEQUENCE {
            index    UInt32,                     -- of the first entry
            invalid  UInt16,                     -- so many entries behind the valid ones are not
            valid    OCTET STRING (SIZE (0..1048560))    -- entries, of 16 octets each
        }

        StorageAttributes ::= [APPLICATION 10689] SEQUENCE OF AttributeRecord  -- "SA"

        AttributeRecord ::= CHOICE {
            more        [0] AttributePages,
            error       [1] NULL,                -- the source could not read them all
            done        [2] NULL,
            rest        OCTET STRING,
            checkpoint  Checkpoint
        }

        AttributePages ::= SEQUENCE {
            first       INTEGER (0..4503599627370495),   -- page's number
            attributes  OCTET STRING             -- an octet for each page
        }

        VFIO ::= [APPLICATION 11078] SEQUENCE OF VFIORecord                    -- "VF"

        -- The last two end a section in place of END_OF_STATE.
        VFIORecord ::= CHOICE {
            setup              [0] NULL,
            data               [1] OCTET STRING,         -- the device's own
            config             [2] OCTET STRING,         -- PCI configuration, MSI-X: in a FULL section
            init-data-sent     [3] NULL,
            config-load-ready  [4] NULL,
            rest               OCTET STRING,
            checkpoint         Checkpoint
        }

        BackupServerState ::= [APPLICATION 10306] SEQUENCE OF BackupRecord     -- "PB": Proxmox VE's

        BackupRecord ::= CHOICE {
            state       [0] OCTET STRING,
            rest        OCTET STRING,
            checkpoint  Checkpoint
        }

        -- Devices ------------------------------------------------------------------

        DeviceState ::= [APPLICATION 8790] SEQUENCE {                -- "DV"
            fields       SEQUENCE OF Field,
            subsections  SubSecList OPTIONAL
        }

        SubSecList ::= [APPLICATION 10700] SEQUENCE OF SubSection    -- "SL"

        SubSection ::= [APPLICATION 10707] SEQUENCE {                -- "SS"
            name         Name,
            versionid    UInt32,
            fields       SEQUENCE OF Field,
            subsections  SubSecList OPTIONAL
        }

        Field ::= SEQUENCE {
            name   Name,
            value  Value
        }

        Value ::= CHOICE {
            bool    BOOLEAN,
            uint8   [0] INTEGER (0..255),
            uint16  [1] INTEGER (0..65535),
            uint32  [2] INTEGER (0..4294967295),
            uint64  [3] UInt64,
            int8    [4] INTEGER (-128..127),
            int16   [5] INTEGER (-32768..32767),
            int32   [6] INTEGER (-2147483648..2147483647),
            int64   [7] INTEGER (-9223372036854775808..9223372036854775807),
            struct  [8] DeviceStruct,
            array   [9] SEQUENCE OF Value,
            list    [10] SEQUENCE OF Value,      -- QTAILQ, QLIST: 01 before each, 00 behind
            tree    [11] SEQUENCE OF TreeEntry,  -- GTree: its count, 01 before each, 00 behind
            repeat  [12] Repeat,                 -- in an array alone: a run of equal values
            uint8s  [13] OCTET STRING,           -- an array of uint8, where this is shorter
            buffer  [14] OCTET STRING,           -- QEMU's buffer: nobody knows a finer structure
            uint16le [15] INTEGER (0..65535),    -- least significant octet first
            uint32le [16] INTEGER (0..4294967295),
            uint64le [17] UInt64,
            text    UTF8String (SIZE (0..255)),  -- a counted string
            absent  NULL,                        -- a null pointer's place: one octet, 30
            blob    OCTET STRING                 -- what has no description, or does not fit it
        }

        DeviceStruct ::= SEQUENCE {
            fields       SEQUENCE OF Field,
            subsections  SubSecList OPTIONAL
        }

        -- An array has a run of four or more equal elements as this.
        Repeat ::= SEQUENCE {
            count  INTEGER (1..MAX),
            value  Value
        }

        TreeEntry ::= SEQUENCE {
            key    Value,
            value  Value
        }

        -- The rest of a stream ------------------------------------------------------

        Configuration ::= [APPLICATION 8646] SEQUENCE {              -- "CF"
            machine      UTF8String,
            subsections  SubSecList OPTIONAL
        }

        Command ::= [APPLICATION 8653] SEQUENCE {                    -- "CM"
            code     CommandCode,
            payload  CHOICE {
                bytes     OCTET STRING,          -- of all commands that say nothing of the kinds below
                packaged  [0] Package,           -- a stream within the stream
                ping      [1] UInt32,
                advise    [2] PostcopyAdvise,
                discard   [3] PostcopyDiscard,
                block     Name                   -- of recvBitmap: which of its pages have come?
            }
        }

        PostcopyAdvise ::= SEQUENCE {
            pagesizes  UInt64,                   -- of the memory behind all blocks, by bitwise OR
            pagesize   UInt64                    -- the target's
        }

        -- What was sent of these ranges is out of date.
        PostcopyDiscard ::= SEQUENCE {
            block   Name,
            ranges  SEQUENCE SIZE (1..4096) OF DiscardedRange
        }

        DiscardedRange ::= SEQUENCE {
            start  UInt64,                       -- octets from the start of the block
            len    UInt64                        -- octets
        }

        -- QEMU's MIG_CMD_...  QEMU 3.0 had 8 for postcopyResume and 9 for recvBitmap.
        CommandCode ::= INTEGER {
            openReturnPath(1), ping(2), postcopyAdvise(3), postcopyListen(4),
            postcopyRun(5), postcopyRAMDiscard(6), packaged(7), enableCOLO(8),
            postcopyResume(9), recvBitmap(10), switchoverStart(11)
        } (0..65535)

        Package ::= SEQUENCE {
            length  UInt32,                      -- of the items in the binary stream, in octets
            items   SEQUENCE OF Item
        }

        EndOfStream ::= [APPLICATION 8902] NULL                      -- "EF"

        Description ::= [APPLICATION 11076] OCTET STRING             -- "VD": JSON, as sent

        RawBytes ::= [APPLICATION 10583] OCTET STRING                -- "RW"

        -- Channels beside the main one ----------------------------------------------

        MultifdChannel ::= [APPLICATION 9926] SEQUENCE {             -- "MF"
            version   UInt32,
            uuid      OCTET STRING (SIZE (16)),  -- the VM's
            id        UInt8,                     -- the channel's number
            reserved  [0] OCTET STRING (SIZE (39)) OPTIONAL,         -- where it is not all zeros
            packets   SEQUENCE OF MultifdPacket
        }

        MultifdPacket ::= CHOICE {
            ram         MultifdPages,
            device      MultifdDevice,
            checkpoint  Checkpoint
        }

        -- The wire's header follows from this: the pages with content are its normal
        -- pages, behind them come those of zeros.  The group spells no name.
        MultifdPages ::= [APPLICATION 10315] SEQUENCE {              -- "PK"
            flags   UInt32,                      -- 1: the channels meet; 2 zlib, 4 zstd, ...
            number  UInt64,                      -- counts over all channels
            room    UInt32,                      -- page offsets that the header has room for
            size    UInt32,                      -- octets of payload, as the header says
            alloc   [0] UInt32 OPTIONAL,         -- what the header says of the room, if not that
            header  [1] OCTET STRING OPTIONAL,   -- the header as sent, up to its last octet that
                                                 -- is not zero, if it has more than all this
            pages   RAMPages OPTIONAL,
            data    [2] OCTET STRING OPTIONAL    -- the packed pages
        }

        MultifdDevice ::= [APPLICATION 8784] SEQUENCE {              -- "DP"
            flags       UInt32,
            name        Name,
            instanceid  UInt32,
            size        UInt32,                  -- octets of data
            header      [1] OCTET STRING OPTIONAL,   -- as above
            data        [2] OCTET STRING
        }

        PreemptChannel ::= [APPLICATION 10309] SEQUENCE {            -- "PE"
            records  SEQUENCE OF RAMRecord,      -- pages alone
            eos      BOOLEAN                     -- whether an end-of-section record ends it
        }

        ReturnPath ::= [APPLICATION 10576] SEQUENCE OF ReturnMessage -- "RP"

        ReturnMessage ::= CHOICE {
            shut           [0] UInt32,           -- 0: all went well
            pong           [1] UInt32,
            request        [2] PageRequest,
            bitmap         [3] ReceivedPages,
            resumeack      [4] UInt32,
            switchoverack  [5] NULL,
            colo           [6] INTEGER (0..6),   -- a word of COLO
            other          [7] OtherMessage,
            cut            [APPLICATION 8660] OCTET STRING,          -- as in RAMRecord
            checkpoint     Checkpoint
        }

        PageRequest ::= SEQUENCE {
            start  UInt64,                       -- octets from the start of the block
            len    UInt32,                       -- octets
            block  Name OPTIONAL                 -- without: the block of the request before
        }

        -- Bit i of the bitmap, the first octet's lowest first, stands for page i.
        ReceivedPages ::= SEQUENCE {
            block  Name,
            size   UInt64,                       -- of the bitmap, in octets
            bits   OCTET STRING,
            whole  BOOLEAN                       -- whether all of it came, and the word behind it
        }

        OtherMessage ::= SEQUENCE {
            type  UInt16,
            data  OCTET STRING (SIZE (0..512))
        }

        -- The main channel after a recovery of post-copy.
        ContinuedConnection ::= [APPLICATION 8654] SEQUENCE OF Item  -- "CN"

        CPRState ::= [APPLICATION 8656] SEQUENCE {                   -- "CP"
            version  UInt32,
            fds      SEQUENCE OF CPRDescriptor OPTIONAL,
            rest     [0] OCTET STRING OPTIONAL   -- what follows the list, or stands in its place
        }

        CPRDescriptor ::= SEQUENCE {
            name    UTF8String,
            id      INTEGER (-2147483648..2147483647),
            number  [0] INTEGER (-2147483648..2147483647) OPTIONAL   -- cpr-exec: the descriptor
        }

        -- The file that a stream came in --------------------------------------------

        Container ::= CHOICE {
            compressed  [0] UTF8String,          -- nothing but compression, by this program
            libvirt     [1] LibvirtImage,
            snapshot    [2] VMSnapshot           -- the image that it is in is not kept
        }

        -- The header's numbers, and the data behind it; its length is the sum of the parts.
        LibvirtImage ::= SEQUENCE {
            partial       BOOLEAN,               -- LibvirtQemudPart: not finished
            bigendian     BOOLEAN,
            version       UInt32,
            running       UInt32,                -- 1: the guest ran
            format        UInt32,                -- raw, gzip, bzip2, xz, lzop, zstd, sparse: 0 to 6
            cookieoffset  UInt32,                -- in the data; 0: there is no cookie
            reserved      [0] OCTET STRING (SIZE (56)) OPTIONAL,     -- where it is not all zeros
            data          SEQUENCE OF LibvirtData
        }

        LibvirtData ::= CHOICE {
            xml     [0] OCTET STRING,            -- the domain's, without the NUL that follows
            cookie  [1] OCTET STRING,
            zeros   [2] INTEGER (1..4294967295), -- so many octets of zero
            other   [3] OCTET STRING
        }

        VMSnapshot ::= SEQUENCE {
            id           UTF8String,
            name         UTF8String,
            seconds      UInt32,                 -- since 1970, UTC
            nanoseconds  UInt32,
            vmclock      UInt64,                 -- nanoseconds that the guest had run
            vmstatesize  UInt64,                 -- octets
            disksize     [0] UInt64 OPTIONAL     -- octets
        }

        -- A container's own octets, where they can't be made from the stream: they are
        -- compressed.
        PackedOctets ::= [APPLICATION 8655] SEQUENCE {               -- "CO"
            size    UInt64,                      -- how many there are
            length  UInt64,                      -- of the stream that they unpack to, in octets
            crc     OCTET STRING (SIZE (4)),     -- its CRC-32C
            octets  OCTET STRING
        }

        -- CRC-32C of this file's octets since the end of the checkpoint before, or
        -- since its start, up to the first octet of this one.
        Checkpoint ::= [APPLICATION 8651] OCTET STRING (SIZE (4))    -- "CK"

        -- The last item, so that it is found from the file's end.
        Index ::= [APPLICATION 9432] SEQUENCE {                      -- "IX"
            entries  SEQUENCE OF IndexEntry,
            totals   [0] RAMTotals OPTIONAL,     -- where groups of pages stand in the main channel alone
            crc      OCTET STRING (SIZE (4)),    -- CRC-32C of this item's octets before it
            here     OCTET STRING (SIZE (8))     -- this item's offset in the file
        }

        IndexEntry ::= SEQUENCE {
            offset  UInt64,                      -- of an item, or of the first of some groups of pages
            block   BlockName OPTIONAL,          -- for groups of pages: their block; alone, a mapped one
            addr    [0] UInt64 OPTIONAL,         --   and their first octet in it
            last    [1] UInt64 OPTIONAL          --   and their last page's first octet
        }

        -- What the groups of pages hold, for who passes over them.
        RAMTotals ::= SEQUENCE {
            stretches     SEQUENCE OF RAMStretch,   -- all groups, in file order
            distinct      UInt64,                -- pages that were sent at least once
            resent        UInt64,                -- records of pages that had been sent before
            resentoctets  UInt64,                --   and their octets in the binary stream
            downtime      UInt64,                -- pages that were sent while the guest stood still
            passcount     UInt64,                -- passes over the blocks: one begins where a page
                                                 --   stands before the one before it
            passes        SEQUENCE SIZE (0..64) OF RAMPass       -- the first ones
        }

        RAMPass ::= SEQUENCE {
            zeropages  UInt64,
            datapages  UInt64,                   -- with content: full, filled, XBZRLE, compressed
            sent       UInt64                    -- octets of the records in the binary stream
        }

        -- Groups in a row, with nothing but checkpoints between them.
        RAMStretch ::= SEQUENCE {
            offset    UInt64,                    -- in the file: of the first group,
            behind    UInt64,                    -- and of what follows the last one
            pagesize  UInt32,
            counts    SEQUENCE OF PagesOfBlock
        }

        -- Pages by their records.
        PagesOfBlock ::= SEQUENCE {
            block        BlockName,
            fullpages    UInt64,
            zeropages    UInt64,
            filledpages  UInt64,                 -- with another octet than 0
            xbzrlepages  UInt64,
            zlibpages    UInt64,
            sent         UInt64                  -- octets of the records in the binary stream
        }

        END

        """#
}
