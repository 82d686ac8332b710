using System.Text;
using System.Text.Json;
using VideoLstm.Core.Formats;

namespace VideoLstm.Core.Tests.Formats;

public class JsonTextTests
{
    [Theory]
    [InlineData("""{"a\ud800": "x\udc00y"}""", "a\uFFFD", "x\uFFFDy")]
    [InlineData("""{"a\ud83d\ude00": "\ud83d\ud83d\ude00"}""", "a😀", "\uFFFD😀")]
    [InlineData("""{"a\\ud800": "\\\ud800\\"}""", """a\ud800""", "\\\uFFFD\\")]
    public void Half_a_surrogate_pair_becomes_the_replacement_character(string json, string name, string value)
    {
        using JsonDocument document = JsonText.Parse(json);

        JsonProperty property = Assert.Single(document.RootElement.EnumerateObject());
        Assert.Equal(name, property.Name);
        Assert.Equal(value, property.Value.GetString());
        Assert.Equal(value, document.RootElement.Text(name));
        Assert.Equal(value, JsonText.Deserialize<Dictionary<string, string>>(json)![name]);
    }

    [Fact]
    public void What_cannot_be_written_as_text_becomes_the_replacement_character()
    {
        Assert.Equal("x\uFFFD", Assert.Single(JsonText.Deserialize<string[]>("[\"x\uD800\"]")!));
        byte[] json = [0xEF, 0xBB, 0xBF, .. "{\"a"u8, 0xFF, .. "\": \"\\ud800"u8, 0xC3, .. "\"}"u8];

        using JsonDocument document = JsonText.Parse(json);

        Assert.Equal("\uFFFD\uFFFD", document.RootElement.Text("a\uFFFD"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData("\"x\"")]
    [InlineData("""{"x": null}""")]
    [InlineData("""{"x": [[1]]}""")]
    [InlineData("""{"x": 1e999}""")]
    public void A_value_of_another_kind_is_as_good_as_none(string json)
    {
        using JsonDocument document = JsonText.Parse(json);

        Assert.Null(document.RootElement.Text("x"));
        Assert.Null(document.RootElement.Integer("x"));
        Assert.DoesNotContain(document.RootElement.Items("x"), i => i.ValueKind != JsonValueKind.Array);
        Assert.Null(default(JsonElement).Property("x"));
    }

    [Fact]
    public void What_is_no_json_or_nested_without_end_is_refused_as_such()
    {
        string[] texts = ["", "{", "\\", "\\ud8", "\"\\ud8", "\"\\ud800\\", new string('[', 100_000), "\"\\x\""];

        Assert.All(texts, text => Assert.ThrowsAny<JsonException>(() => JsonText.Parse(text)));
        Assert.All(texts, text => Assert.ThrowsAny<JsonException>(() => JsonText.Parse(Encoding.UTF8.GetBytes(text))));
        Assert.All(texts, text => Assert.ThrowsAny<JsonException>(() => JsonText.Deserialize<string[]>(text)));
    }
}
