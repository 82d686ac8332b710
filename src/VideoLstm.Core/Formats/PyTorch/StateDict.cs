using System.Globalization;

namespace VideoLstm.Core.Formats.PyTorch;

/// <summary>
/// Where in a checkpoint the weights are: at its root, or under one of the keys that people give them. What belongs to an optimizer or
/// a schedule is passed over. Of several that could be meant, none is guessed: the user names one.
/// </summary>
/// <param name="Key">The keys that lead there, joined by dots; empty for the root.</param>
/// <param name="Tensors">The tensors by name, without the names that wrappers put before all of them.</param>
/// <param name="Wrapper">What wrappers put before all names, and is left out.</param>
internal sealed record StateDict(string Key, IReadOnlyList<(string Name, PickleTensor Tensor)> Tensors, string Wrapper)
{
    private const int Deepest = 4, MostLooked = 100_000, MostNamed = 8;

    // In this order: what each means besides the others.
    private static readonly string[] Usual =
        ["state_dict", "model_state_dict", "model_state", "model", "net", "network", "module", "weights", "weight", "params"];
    private static readonly string[] NoWeights = ["optim", "sched", "scaler", "rng", "_metadata"];
    private static readonly string[] Wrappers = ["module.", "_orig_mod."];

    /// <summary>Finds the weights.</summary>
    /// <param name="root">What the file holds.</param>
    /// <param name="key">Where they are, as the user says; null: where they usually are.</param>
    /// <param name="broken">Makes what is thrown.</param>
    /// <exception cref="InvalidDataException">There are none, or several.</exception>
    public static StateDict Find(object? root, string? key, Func<string, InvalidDataException> broken)
    {
        var found = new List<StateDict>();
        int looked = 0;
        Look(root, "", 0);
        string[] names = [.. found.Select(f => f.Key).Where(k => k.Length > 0)];
        string Named() => names.Length == 0 ? "" : $" ({Listed(names)})";
        if (key is not null)
            return found.Find(f => f.Key == key)
                ?? throw broken($"holds no tensors under the key "
                    + $"{Printable.Short(key, 60)}{(names.Length > 0 ? $", only under others{Named()}" : "")}");
        if (found.Count == 0)
            throw broken($"holds no tensors by name{(root is PickleDictionary keys ? KeysOf(keys) : "")}");
        if (found is [var only])
            return only;
        foreach (string usual in Usual)
        {
            if (found.FirstOrDefault(f => f.Key == usual) is { } at)
                return at;
        }
        // Single tensors beside it, such as a loss, make no state_dict of a checkpoint's root.
        StateDict largest = found.MaxBy(f => f.Tensors.Count)!;
        return largest.Key.Length == 0
            ? largest
            : throw new InputException(broken($"holds weights under several keys{Named()}").Message, Remedy.ChooseWeights);

        void Look(object? value, string path, int depth)
        {
            if (++looked > MostLooked)
                return;
            IEnumerable<(string Key, object? Value)> items = value switch
            {
                PickleDictionary dictionary => dictionary.Items.Where(i => i.Key is string).Select(i => ((string)i.Key!, i.Value)),
                List<object?> list => list.Select((item, i) => (i.ToString(CultureInfo.InvariantCulture), item)),
                PickleTuple tuple => tuple.Items.Select((item, i) => (i.ToString(CultureInfo.InvariantCulture), item)),
                _ => [],
            };
            if (value is PickleDictionary && Tensors(items) is { Count: > 0 } tensors)
                found.Add(Unwrap(path, tensors));
            if (depth == Deepest)
                return;
            foreach ((string name, object? inner) in items.Where(i => i.Value is PickleDictionary or List<object?> or PickleTuple))
            {
                if (!NoWeights.Any(n => name.Contains(n, StringComparison.OrdinalIgnoreCase)))
                    Look(inner, path.Length == 0 ? name : $"{path}.{name}", depth + 1);
            }
        }

        List<(string Name, PickleTensor Tensor)> Tensors(IEnumerable<(string Key, object? Value)> items)
        {
            // As in Python, what comes last counts.
            var tensors = new OrderedDictionary<string, PickleTensor>(StringComparer.Ordinal);
            foreach ((string name, object? value) in items)
            {
                if (value is PickleTensor tensor)
                    tensors[name] = tensor;
            }
            return [.. tensors.Select(t => (t.Key, t.Value))];
        }
    }

    private static StateDict Unwrap(string path, List<(string Name, PickleTensor Tensor)> tensors)
    {
        string wrapper = "";
        while (Wrappers.FirstOrDefault(w => tensors.All(t => t.Name.AsSpan(wrapper.Length).StartsWith(w))) is { } next)
            wrapper += next;
        return new StateDict(path, wrapper.Length == 0 ? tensors : [.. tensors.Select(t => (t.Name[wrapper.Length..], t.Tensor))], wrapper);
    }

    private static string KeysOf(PickleDictionary dictionary)
    {
        string[] names = [.. dictionary.Items.Select(i => i.Key).OfType<string>().Take(MostNamed + 1)];
        return names.Length == 0 ? "" : $", only the keys {Listed(names)}";
    }

    private static string Listed(string[] names) =>
        string.Join(", ", names.Take(MostNamed).Select(n => Printable.Short(n, 60))) + (names.Length > MostNamed ? ", ..." : "");
}
