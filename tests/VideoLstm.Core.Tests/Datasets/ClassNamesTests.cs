using System.Text;
using VideoLstm.Core.Datasets;
using VideoLstm.Tests;

namespace VideoLstm.Core.Tests.Datasets;

public sealed class ClassNamesTests
{
    [Fact]
    public void Numbers_in_names_are_in_order_of_their_value()
    {
        string[] ordered = ["", "01", "1", "2", "010", "10", "99999999999999999998", "99999999999999999999", "Class 2", "Class 10", "Class 10 b", "a", "a1", "a1b", "a2", "é"];
        for (int seed = 0; seed < 20; seed++)
        {
            string[] mixed = [.. ordered];
            new Random(seed).Shuffle(mixed);
            Assert.Equal(ordered, mixed.Order(ClassNames.Order));
        }
    }

    [Theory]
    [InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("\u00E2\u0323", "\u1EAD")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u30CF\u309A\u30B9", "\u30D1\u30B9")]
    [InlineData("o\u0308\u0301", "o\u0308\u0301")]
    public void A_name_is_known_in_form_C(string name, string composed)
    {
        // Of ö with an acute, no character has both.
        composed = composed == "o\u0308\u0301" ? "\u00F6\u0301" : composed;
        Assert.Equal(composed, ClassNames.Normalize(name));
        Assert.Equal(composed, ClassNames.Normalize(composed));
        Assert.True(ClassNames.Same.Equals(name, composed));
        Assert.Equal(ClassNames.Same.GetHashCode(name), ClassNames.Same.GetHashCode(composed));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_left_as_it_is() => Assert.Equal("\uD800 e\u0301", ClassNames.Normalize("\uD800 e\u0301"));

    [SkippableFact]
    public void Form_C_is_that_of_Python()
    {
        Skip.IfNot(File.Exists("/usr/bin/python3"), "no Python on this machine");
        string[] lines = Reference.Run("/usr/bin/python3", ["-c", """
            import random, unicodedata as u
            r = random.Random(1)
            letters = [c for c in map(chr, range(0x20, 0x3000)) if u.category(c)[0] in "LMN" and not u.combining(c) and len(u.decomposition(c).split()) != 1] + [chr(0xAC00 + i * 57) for i in range(190)]
            marks = [c for c in map(chr, range(0x300, 0x370)) if len(u.decomposition(c).split()) != 1]
            for _ in range(4000):
                t = ''.join(r.choice(letters) + ''.join(r.choices(marks, k=r.choice([0, 0, 1, 2]))) for _ in range(3))
                if u.combining(t[0]) or any(len(u.decomposition(c).split()) == 1 for c in u.normalize('NFC', t)): continue
                for form in ('NFC', 'NFD'):
                    print(','.join('%X' % ord(c) for c in u.normalize(form, t)), ','.join('%X' % ord(c) for c in u.normalize('NFC', t)))
            """]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 2000);
        foreach (string line in lines)
        {
            string[] texts = [.. line.Split(' ').Select(t => string.Concat(t.Split(',').Select(c => new Rune(Convert.ToInt32(c, 16)).ToString())))];
            Assert.True(ClassNames.Normalize(texts[0]) == texts[1], line);
        }
    }

    [Fact]
    public void Names_of_one_class_in_train_and_test_are_one()
    {
        List<Finding> remarks = [];
        IReadOnlyDictionary<string, string> names = ClassNames.Unify(
            [(ClipSet.Train, "Football"), (ClipSet.Test, "football"), (ClipSet.Train, "caf\u00E9"), (ClipSet.Test, "cafe\u0301"), (ClipSet.Train, "A"), (ClipSet.Train, "a"), (ClipSet.Test, "A"), (ClipSet.Test, "B")], remarks);
        Assert.Equal(("Football", "Football"), (names["Football"], names["football"]));
        Assert.Equal(("caf\u00E9", "caf\u00E9"), (names["caf\u00E9"], names["cafe\u0301"]));
        Assert.Equal(("A", "a", "B"), (names["A"], names["a"], names["B"]));
        Assert.Equal(3, remarks.Count);
        Assert.Contains("Football, football differ only in upper and lower case and are taken as one, Football", remarks[0].Fact, StringComparison.Ordinal);
        Assert.Contains("composed in one place and decomposed in another", remarks[1].Fact, StringComparison.Ordinal);
        Assert.Contains("A, a differ only in upper and lower case and are taken as different ones", remarks[2].Fact, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_on_one_side_only_is_named()
    {
        Clip[] clips = [new(ClipSet.Train, "A", "a", 1), new(ClipSet.Train, "10", "a", 1), new(ClipSet.Train, "2", "a", 1), new(ClipSet.Test, "A", "b", 1), new(ClipSet.Test, "C", "b", 1)];
        Assert.Equal("classes only for training, so nothing tells how well they are recognised: 2, 10; only in the test, so nothing is learnt of them: C", ClassNames.OnOneSide(clips));
        Assert.Null(ClassNames.OnOneSide([clips[0], clips[3]]));
        Assert.Equal(["2", "10", "A", "C"], ClassNames.Of(clips));
    }
}
