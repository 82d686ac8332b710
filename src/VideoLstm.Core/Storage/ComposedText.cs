using System.Text;

namespace VideoLstm.Core.Storage;

/// <summary>
/// Text in Unicode's form C (UAX #15), in which a letter and its accent are one character: macOS and some archives leave names decomposed,
/// people and lists write them composed, and both look alike. .NET does this only with ICU, which not every machine has. Tables: Unicode
/// 14; canonical singletons (compatibility ideographs, ohm and angstrom signs) stay as they are.
/// </summary>
internal static class ComposedText
{
    private const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TailBefore = 0x11A7, Leads = 19, Vowels = 21,
        Tails = 28;

    // A mark, then letters and what they become with it.
    private static readonly string[] Compositions =
    [
        "\u0300AÀEÈIÌNǸOÒUÙWẀYỲaàeèiìnǹoòuùwẁyỳ\u00A8\u1FEDÂẦÊỀÔỒÜǛâầêềôồüǜĂẰăằĒḔēḕŌṐōṑƠỜơờƯỪưừΑᾺΕῈΗῊΙῚΟῸΥῪΩῺ" +
            "αὰεὲηὴιὶοὸυὺωὼϊῒϋῢЕЀИЍеѐиѝἀἂἁἃἈἊἉἋἐἒἑἓἘἚἙἛἠἢἡἣἨἪἩἫἰἲἱἳἸἺἹἻὀὂὁὃὈὊὉὋὐὒὑὓὙὛὠὢὡὣὨὪὩὫ\u1FBF\u1FCD" +
            "\u1FFE\u1FDD",
        "\u0301AÁCĆEÉGǴIÍKḰLĹMḾNŃOÓPṔRŔSŚUÚWẂYÝZŹaácćeégǵiíkḱlĺmḿnńoópṕrŕsśuúwẃyýzź\u00A8\u0385ÂẤÅǺÆǼÇḈÊẾÏḮÔỐ" +
            "ÕṌØǾÜǗâấåǻæǽçḉêếïḯôốõṍøǿüǘĂẮăắĒḖēḗŌṒōṓŨṸũṹƠỚơớƯỨưứΑΆΕΈΗΉΙΊΟΌΥΎΩΏαάεέηήιίοόυύωώϊΐϋΰϒϓГЃКЌгѓкќἀἄἁἅἈἌἉἍ" +
            "ἐἔἑἕἘἜἙἝἠἤἡἥἨἬἩἭἰἴἱἵἸἼἹἽὀὄὁὅὈὌὉὍὐὔὑὕὙὝὠὤὡὥὨὬὩὭ\u1FBF\u1FCE\u1FFE\u1FDE",
        "\u0302AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶZẐaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷzẑẠẬạậẸỆẹệỌỘọộ",
        "\u0303AÃEẼIĨNÑOÕUŨVṼYỸaãeẽiĩnñoõuũvṽyỹÂẪÊỄÔỖâẫêễôỗĂẴăẵƠỠơỡƯỮưữ",
        "\u0304AĀEĒGḠIĪOŌUŪYȲaāeēgḡiīoōuūyȳÄǞÆǢÕȬÖȪÜǕäǟæǣõȭöȫüǖǪǬǫǭȦǠȧǡȮȰȯȱΑᾹΙῙΥῩαᾱιῑυῡИӢУӮиӣуӯḶḸḷḹṚṜṛṝ",
        "\u0306AĂEĔGĞIĬOŎUŬaăeĕgğiĭoŏuŭȨḜȩḝΑᾸΙῘΥῨαᾰιῐυῠАӐЕӖЖӁИЙУЎаӑеӗжӂийуўẠẶạặ",
        "\u0307AȦBḂCĊDḊEĖFḞGĠHḢIİMṀNṄOȮPṖRṘSṠTṪWẆXẊYẎZŻaȧbḃcċdḋeėfḟgġhḣmṁnṅoȯpṗrṙsṡtṫwẇxẋyẏzżŚṤśṥŠṦšṧſẛṢṨṣṩ",
        "\u0308AÄEËHḦIÏOÖUÜWẄXẌYŸaäeëhḧiïoötẗuüwẅxẍyÿÕṎõṏŪṺūṻΙΪΥΫιϊυϋϒϔІЇАӒЕЁЖӜЗӞИӤОӦУӰЧӴЫӸЭӬаӓеёжӝзӟиӥоӧуӱчӵ" +
            "ыӹэӭіїӘӚәӛӨӪөӫ",
        "\u0309AẢEẺIỈOỎUỦYỶaảeẻiỉoỏuủyỷÂẨÊỂÔỔâẩêểôổĂẲăẳƠỞơởƯỬưử",
        "\u030AAÅUŮaåuůwẘyẙ",
        "\u030BOŐUŰoőuűУӲуӳ",
        "\u030CAǍCČDĎEĚGǦHȞIǏKǨLĽNŇOǑRŘSŠTŤUǓZŽaǎcčdďeěgǧhȟiǐjǰkǩlľnňoǒrřsštťuǔzžÜǙüǚƷǮʒǯ",
        "\u030FAȀEȄIȈOȌRȐUȔaȁeȅiȉoȍrȑuȕѴѶѵѷ",
        "\u0311AȂEȆIȊOȎRȒUȖaȃeȇiȋoȏrȓuȗ",
        "\u0313ΑἈΕἘΗἨΙἸΟὈΩὨαἀεἐηἠιἰοὀρῤυὐωὠ",
        "\u0314ΑἉΕἙΗἩΙἹΟὉΡῬΥὙΩὩαἁεἑηἡιἱοὁρῥυὑωὡ",
        "\u031BOƠUƯoơuư",
        "\u0323AẠBḄDḌEẸHḤIỊKḲLḶMṂNṆOỌRṚSṢTṬUỤVṾWẈYỴZẒaạbḅdḍeẹhḥiịkḳlḷmṃnṇoọrṛsṣtṭuụvṿwẉyỵzẓƠỢơợƯỰưự",
        "\u0324UṲuṳ",
        "\u0325AḀaḁ",
        "\u0326SȘTȚsștț",
        "\u0327CÇDḐEȨGĢHḨKĶLĻNŅRŖSŞTŢcçdḑeȩgģhḩkķlļnņrŗsştţ",
        "\u0328AĄEĘIĮOǪUŲaąeęiįoǫuų",
        "\u032DDḒEḘLḼNṊTṰUṶdḓeḙlḽnṋtṱuṷ",
        "\u032EHḪhḫ",
        "\u0330EḚIḬUṴeḛiḭuṵ",
        "\u0331BḆDḎKḴLḺNṈRṞTṮZẔbḇdḏhẖkḵlḻnṉrṟtṯzẕ",
        "\u0338<\u226E=\u2260>\u226F\u2190\u219A\u2192\u219B\u2194\u21AE\u21D0\u21CD\u21D2\u21CF\u21D4\u21CE" +
            "\u2203\u2204\u2208\u2209\u220B\u220C\u2223\u2224\u2225\u2226\u223C\u2241\u2243\u2244\u2245\u2247" +
            "\u2248\u2249\u224D\u226D\u2261\u2262\u2264\u2270\u2265\u2271\u2272\u2274\u2273\u2275\u2276\u2278" +
            "\u2277\u2279\u227A\u2280\u227B\u2281\u227C\u22E0\u227D\u22E1\u2282\u2284\u2283\u2285\u2286\u2288" +
            "\u2287\u2289\u2291\u22E2\u2292\u22E3\u22A2\u22AC\u22A8\u22AD\u22A9\u22AE\u22AB\u22AF\u22B2\u22EA" +
            "\u22B3\u22EB\u22B4\u22EC\u22B5\u22ED",
        "\u0342\u00A8\u1FC1αᾶηῆιῖυῦωῶϊῗϋῧἀἆἁἇἈἎἉἏἠἦἡἧἨἮἩἯἰἶἱἷἸἾἹἿὐὖὑὗὙὟὠὦὡὧὨὮὩὯ\u1FBF\u1FCF\u1FFE\u1FDF",
        "\u0345ΑᾼΗῌΩῼάᾴήῄαᾳηῃωῳώῴἀᾀἁᾁἂᾂἃᾃἄᾄἅᾅἆᾆἇᾇἈᾈἉᾉἊᾊἋᾋἌᾌἍᾍἎᾎἏᾏἠᾐἡᾑἢᾒἣᾓἤᾔἥᾕἦᾖἧᾗἨᾘἩᾙἪᾚἫᾛἬᾜἭᾝἮᾞἯᾟὠᾠὡᾡὢᾢὣᾣὤᾤὥᾥ" +
            "ὦᾦὧᾧὨᾨὩᾩὪᾪὫᾫὬᾬὭᾭὮᾮὯᾯὰᾲὴῂὼῲᾶᾷῆῇῶῷ",
        "\u0653\u0627\u0622",
        "\u0654\u0627\u0623\u0648\u0624\u064A\u0626\u06C1\u06C2\u06D2\u06D3\u06D5\u06C0",
        "\u0655\u0627\u0625",
        "\u093Cनऩरऱळऴ",
        "\u09BE\u09C7\u09CB",
        "\u09D7\u09C7\u09CC",
        "\u0B3E\u0B47\u0B4B",
        "\u0B56\u0B47\u0B48",
        "\u0B57\u0B47\u0B4C",
        "\u0BBE\u0BC6\u0BCA\u0BC7\u0BCB",
        "\u0BD7ஒஔ\u0BC6\u0BCC",
        "\u0C56\u0C46\u0C48",
        "\u0CC2\u0CC6\u0CCA",
        "\u0CD5\u0CBF\u0CC0\u0CC6\u0CC7\u0CCA\u0CCB",
        "\u0CD6\u0CC6\u0CC8",
        "\u0D3E\u0D46\u0D4A\u0D47\u0D4B",
        "\u0D57\u0D46\u0D4C",
        "\u0DCA\u0DD9\u0DDA\u0DDC\u0DDD",
        "\u0DCF\u0DD9\u0DDC",
        "\u0DDF\u0DD9\u0DDE",
        "\u102Eဥဦ",
        "\u1B35ᬅᬆᬇᬈᬉᬊᬋᬌᬍᬎᬑᬒ\u1B3A\u1B3B\u1B3C\u1B3D\u1B3E\u1B40\u1B3F\u1B41\u1B42\u1B43",
        "\u3099うゔかがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼゝゞウヴカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボワヷヰヸヱヹヲヺ" +
            "ヽヾ",
        "\u309Aはぱひぴふぷへぺほぽハパヒピフプヘペホポ",
        "\U000110BA𑂙𑂚𑂛𑂜𑂥𑂫",
        "\U00011127\U00011131\U0001112E\U00011132\U0001112F",
        "\U0001133E\U00011347\U0001134B",
        "\U00011357\U00011347\U0001134C",
        "\U000114B0\U000114B9\U000114BC",
        "\U000114BA\U000114B9\U000114BB",
        "\U000114BD\U000114B9\U000114BE",
        "\U000115AF\U000115B8\U000115BA\U000115B9\U000115BB",
        "\U00011930\U00011935\U00011938",
    ];

    // What is never composed: a character, and the two that stand for it.
    private const string Excluded =
        "\u0344\u0308\u0301क़क\u093Cख़ख\u093Cग़ग\u093Cज़ज\u093Cड़ड\u093Cढ़ढ\u093Cफ़फ\u093Cय़य\u093Cড়ড\u09BCঢ়ঢ\u09BC" +
        "য়য\u09BCਲ਼ਲ\u0A3Cਸ਼ਸ\u0A3Cਖ਼ਖ\u0A3Cਗ਼ਗ\u0A3Cਜ਼ਜ\u0A3Cਫ਼ਫ\u0A3Cଡ଼ଡ\u0B3Cଢ଼ଢ\u0B3Cགྷག\u0FB7ཌྷཌ\u0FB7དྷད\u0FB7" +
        "བྷབ\u0FB7ཛྷཛ\u0FB7ཀྵཀ\u0FB5\u0F73\u0F71\u0F72\u0F75\u0F71\u0F74\u0F76\u0FB2\u0F80\u0F78\u0FB3\u0F80" +
        "\u0F81\u0F71\u0F80\u0F93\u0F92\u0FB7\u0F9D\u0F9C\u0FB7\u0FA2\u0FA1\u0FB7\u0FA7\u0FA6\u0FB7" +
        "\u0FAC\u0FAB\u0FB7\u0FB9\u0F90\u0FB5\u2ADC\u2ADD\u0338\uFB1D\u05D9\u05B4\uFB1F\u05F2\u05B7" +
        "\uFB2A\u05E9\u05C1\uFB2B\u05E9\u05C2\uFB2C\uFB49\u05C1\uFB2D\uFB49\u05C2\uFB2E\u05D0\u05B7" +
        "\uFB2F\u05D0\u05B8\uFB30\u05D0\u05BC\uFB31\u05D1\u05BC\uFB32\u05D2\u05BC\uFB33\u05D3\u05BC" +
        "\uFB34\u05D4\u05BC\uFB35\u05D5\u05BC\uFB36\u05D6\u05BC\uFB38\u05D8\u05BC\uFB39\u05D9\u05BC" +
        "\uFB3A\u05DA\u05BC\uFB3B\u05DB\u05BC\uFB3C\u05DC\u05BC\uFB3E\u05DE\u05BC\uFB40\u05E0\u05BC" +
        "\uFB41\u05E1\u05BC\uFB43\u05E3\u05BC\uFB44\u05E4\u05BC\uFB46\u05E6\u05BC\uFB47\u05E7\u05BC" +
        "\uFB48\u05E8\u05BC\uFB49\u05E9\u05BC\uFB4A\u05EA\u05BC\uFB4B\u05D5\u05B9\uFB4C\u05D1\u05BF" +
        "\uFB4D\u05DB\u05BF\uFB4E\u05E4\u05BF\U0001D15E\U0001D157\U0001D165\U0001D15F\U0001D158\U0001D165" +
        "\U0001D160\U0001D15F\U0001D16E\U0001D161\U0001D15F\U0001D16F\U0001D162\U0001D15F\U0001D170" +
        "\U0001D163\U0001D15F\U0001D171\U0001D164\U0001D15F\U0001D172\U0001D1BB\U0001D1B9\U0001D165" +
        "\U0001D1BC\U0001D1BA\U0001D165\U0001D1BD\U0001D1BB\U0001D16E\U0001D1BE\U0001D1BC\U0001D16E" +
        "\U0001D1BF\U0001D1BB\U0001D16F\U0001D1C0\U0001D1BC\U0001D16F";

    // Marks with a combining class other than 0: first, last, class.
    private static readonly (int First, int Last, int Class)[] Classes =
    [
        (0x300, 0x314, 230), (0x315, 0x315, 232), (0x316, 0x319, 220), (0x31A, 0x31A, 232), (0x31B, 0x31B, 216),
        (0x31C, 0x320, 220), (0x321, 0x322, 202), (0x323, 0x326, 220), (0x327, 0x328, 202), (0x329, 0x333, 220),
        (0x334, 0x338, 1), (0x339, 0x33C, 220), (0x33D, 0x344, 230), (0x345, 0x345, 240), (0x346, 0x346, 230),
        (0x347, 0x349, 220), (0x34A, 0x34C, 230), (0x34D, 0x34E, 220), (0x350, 0x352, 230), (0x353, 0x356, 220),
        (0x357, 0x357, 230), (0x358, 0x358, 232), (0x359, 0x35A, 220), (0x35B, 0x35B, 230), (0x35C, 0x35C, 233),
        (0x35D, 0x35E, 234), (0x35F, 0x35F, 233), (0x360, 0x361, 234), (0x362, 0x362, 233), (0x363, 0x36F, 230),
        (0x5B4, 0x5B4, 14), (0x5B7, 0x5B7, 17), (0x5B8, 0x5B8, 18), (0x5B9, 0x5BA, 19), (0x5BC, 0x5BC, 21), (0x5BF, 0x5BF, 23),
        (0x5C1, 0x5C1, 24), (0x5C2, 0x5C2, 25), (0x653, 0x654, 230), (0x655, 0x656, 220), (0x93C, 0x93C, 7), (0x9BC, 0x9BC, 7),
        (0xA3C, 0xA3C, 7), (0xB3C, 0xB3C, 7), (0xC56, 0xC56, 91), (0xDCA, 0xDCA, 9), (0xF72, 0xF72, 130), (0xF74, 0xF74, 132),
        (0xF80, 0xF80, 130), (0x3099, 0x309A, 8), (0x110BA, 0x110BA, 7), (0x1D165, 0x1D166, 216), (0x1D16E, 0x1D172, 216),
    ];

    private static readonly Dictionary<(int Letter, int Mark), int> Composed = [];
    private static readonly Dictionary<int, (int Letter, int Mark)> Decomposed = [];

    static ComposedText()
    {
        foreach (string line in Compositions)
        {
            int[] runes = [.. line.EnumerateRunes().Select(r => r.Value)];
            for (int i = 1; i < runes.Length; i += 2)
            {
                Composed[(runes[i], runes[0])] = runes[i + 1];
                Decomposed[runes[i + 1]] = (runes[i], runes[0]);
            }
        }
        int[] excluded = [.. Excluded.EnumerateRunes().Select(r => r.Value)];
        for (int i = 0; i < excluded.Length; i += 3)
            Decomposed[excluded[i]] = (excluded[i + 1], excluded[i + 2]);
    }

    /// <summary>The text with every letter and its marks composed.</summary>
    public static string Of(string text)
    {
        // Nothing below the first mark changes, and half a surrogate pair is no text.
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0 || !IsWellFormed(text))
            return text;
        var runes = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Decompose(rune.Value, runes);
        Order(runes);
        Compose(runes);
        var result = new StringBuilder(text.Length);
        foreach (int rune in runes)
            result.Append(new Rune(rune).ToString());
        return result.ToString();
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
                return false;
        }
        return true;
    }

    private static void Decompose(int rune, List<int> runes)
    {
        int syllable = rune - HangulFirst;
        if (syllable is >= 0 and < Leads * Vowels * Tails)
        {
            runes.Add(LeadFirst + syllable / (Vowels * Tails));
            runes.Add(VowelFirst + syllable / Tails % Vowels);
            if (syllable % Tails > 0)
                runes.Add(TailBefore + syllable % Tails);
        }
        else if (Decomposed.TryGetValue(rune, out (int Letter, int Mark) parts))
        {
            Decompose(parts.Letter, runes);
            Decompose(parts.Mark, runes);
        }
        else
        {
            runes.Add(rune);
        }
    }

    // Marks of one letter by class, those of one class as they were.
    private static void Order(List<int> runes)
    {
        for (int i = 1; i < runes.Count; i++)
        {
            int rune = runes[i], mark = ClassOf(rune), j = i;
            for (; mark > 0 && j > 0 && ClassOf(runes[j - 1]) > mark; j--)
                runes[j] = runes[j - 1];
            runes[j] = rune;
        }
    }

    private static void Compose(List<int> runes)
    {
        int letter = -1, kept = 0, last = 0;
        foreach (int rune in runes.ToArray())
        {
            int mark = ClassOf(rune);
            bool isBlocked = letter < 0 || (kept > letter + 1 && last >= mark);
            if (!isBlocked && Pair(runes[letter], rune) is { } composed)
            {
                runes[letter] = composed;
                continue;
            }
            if (mark == 0)
                letter = kept;
            last = mark;
            runes[kept++] = rune;
        }
        runes.RemoveRange(kept, runes.Count - kept);
    }

    private static int? Pair(int first, int second)
    {
        if (first - LeadFirst is >= 0 and < Leads && second - VowelFirst is >= 0 and < Vowels)
            return HangulFirst + ((first - LeadFirst) * Vowels + second - VowelFirst) * Tails;
        if (first - HangulFirst is >= 0 and < Leads * Vowels * Tails && (first - HangulFirst) % Tails == 0
            && second - TailBefore is > 0 and < Tails)
            return first + second - TailBefore;
        return Composed.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int ClassOf(int rune)
    {
        foreach ((int first, int last, int mark) in Classes)
        {
            if (rune < first)
                return 0;
            if (rune <= last)
                return mark;
        }
        return 0;
    }
}
