using System.Globalization;
using VideoLstm.Core.Datasets;
using VideoLstm.Core.Training;
using VideoLstm.Numerics.Layers;

namespace VideoLstm.Core.Reports;

/// <summary>
/// A page that shows a training run or an evaluation: one HTML file that needs no other. Names from files are escaped throughout.
/// </summary>
public static class ReportPage
{
    private const int ShownClips = 12;
    private const int ShownProbabilities = 4;

    // With more classes their names stand upright in the head of the confusion matrix.
    private const int WideClasses = 6;

    /// <summary>Writes a page, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">What it tells.</param>
    /// <param name="data">Where the frames of the evaluated clips are.</param>
    /// <param name="ct">Stops the work.</param>
    public static void Write(string path, ReportContent content, DataFolder data, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        Page.Write(path, content.Title, "report.css", ["report.js"], page => AddBody(page, content, data, ct));
    }

    private static void AddBody(Html page, ReportContent content, DataFolder data, CancellationToken ct)
    {
        page.Add($"""
            <header>
            <h1><bdi>{content.Title}</bdi></h1>
            <p class="quiet">{content.Summary}</p>
            """);
        AddFigures(page, content);
        page.Add($"</header>\n<main>");
        if (content.Epochs.Count > 0)
            AddEpochs(page, content.Epochs);
        if (content.Metrics is { } metrics)
        {
            AddClasses(page, metrics);
            AddConfusion(page, metrics.Confusion);
            AddClips(page, metrics, data, ct);
        }
        AddFacts(page, content.Facts);
        page.Add($"</main>");
    }

    private static void AddFigures(Html page, ReportContent content)
    {
        page.Add($"""<dl class="figures">""");
        if (content.Metrics is { } metrics)
        {
            int top = ClassificationMetrics.DefaultTop(metrics.Classes.Count);
            Figure("accuracy", Percent(metrics.Accuracy), $"{metrics.Confusion.Correct} of {metrics.Confusion.Total} clips; majority "
                + $"{Percent(metrics.Baselines.Majority)}, random {Percent(metrics.Baselines.Random)}");
            if (top > 1)
                Figure($"top-{top} accuracy", Percent(metrics.TopAccuracy(top)), "the class is among the likeliest");
            Figure("macro F1", Number(metrics.MacroF1),
                $"precision {Number(metrics.MacroPrecision)}, recall {Number(metrics.MacroRecall)}");
            Figure("loss", Number(metrics.Loss), "mean cross-entropy");
        }
        if (content.Epochs.Count > 0)
        {
            EpochResult best = Best(content.Epochs), last = content.Epochs[^1];
            Figure("epochs", Number(last.Epoch), $"training loss {Number(last.Loss)}, accuracy {Percent(last.Accuracy)}");
            Figure("best epoch", Number(best.Epoch),
                $"validation loss {Number(best.ValidationLoss)}, accuracy {Percent(best.ValidationAccuracy)}");
        }
        page.Add($"</dl>");

        void Figure(string name, string value, string note) => page.Add($"<div><dt>{name}</dt><dd>{value}<small>{note}</small></dd></div>");
    }

    private static void AddEpochs(Html page, IReadOnlyList<EpochResult> epochs)
    {
        EpochResult best = Best(epochs), last = epochs[^1];
        int[] numbers = [.. epochs.Select(e => e.Epoch)];
        page.Add($"""<section aria-labelledby="curves"><h2 id="curves">Epochs</h2><div class="charts">""");
        AddChart(page, "Loss", new Chart(numbers, [Line("training", 1, e => e.Loss), Line("validation", 3, e => e.ValidationLoss)]).Draw(
            $"Loss by epoch. Training goes from {Number(epochs[0].Loss)} to {Number(last.Loss)}; validation is lowest, "
                + $"{Number(best.ValidationLoss)}, in epoch {best.Epoch}.", best.Epoch, "g4"), ["training", "validation"]);
        AddChart(page, "Accuracy",
            new Chart(numbers, [Line("training", 2, e => e.Accuracy), Line("validation", 4, e => e.ValidationAccuracy)], (0, 1)).Draw(
            $"Accuracy by epoch. In the best epoch, {best.Epoch}: training {Percent(best.Accuracy)}, validation "
                + $"{Percent(best.ValidationAccuracy)}.", best.Epoch, "0%"), ["training", "validation"]);
        bool known = epochs.All(e => e.LearningRate is not null),
            constant = known && epochs.All(e => e.LearningRate == epochs[0].LearningRate);
        if (known && !constant)
        {
            AddChart(page, "Learning rate",
                new Chart(numbers, [Line("learning rate", 5, e => e.LearningRate!.Value)], mayBeLogarithmic: true).Draw(
                $"Learning rate by epoch, from {Rate(epochs[0])} to {Rate(last)}.", best.Epoch, "g3"), []);
        }
        page.Add($"</div>");
        string rate = constant ? $" The learning rate is {Rate(last)} throughout." : "";
        page.Add($"""<p class="quiet">The dotted line marks the epoch of the lowest validation loss.{rate}</p>""");

        bool hasTop = epochs.Any(e => e.TopAccuracy is not null);
        string top = $"top-{SoftmaxCrossEntropy.Top}";
        Markup head = Html.Head([
            "epoch", "loss", "accuracy", .. hasTop ? (string[])[$"{top} accuracy"] : [], "validation loss", "validation accuracy",
            .. hasTop ? (string[])[$"validation {top} accuracy"] : [], "learning rate"]);
        page.Add($"""<details><summary>All epochs as a table</summary>""");
        page.Add($"""<div class="scroll" tabindex="0" role="region" aria-label="Table of epochs"><table id="epochs">{head}<tbody>""");
        foreach (EpochResult e in epochs)
        {
            page.Add($"""
                <tr{new Markup(e.Epoch == best.Epoch ? " class=\"chosen\"" : "")}><th scope="row">{e.Epoch}</th>
                <td>{Number(e.Loss)}</td><td>{Percent(e.Accuracy)}</td>{Top(e.TopAccuracy)}
                <td>{Number(e.ValidationLoss)}</td><td>{Percent(e.ValidationAccuracy)}</td>{Top(e.ValidationTopAccuracy)}
                <td>{Rate(e)}</td></tr>
                """);
        }
        page.Add($"</tbody></table></div></details></section>");

        // Of epochs before a resumption it may not be known.
        Markup Top(double? share) => new(!hasTop ? "" : share is { } known ? $"<td>{Percent(known)}</td>" : "<td></td>");

        ChartLine Line(string name, int column, Func<EpochResult, double> value) =>
            new(name, name == "training" ? name : "validation", column, [.. epochs.Select(value)]);
    }

    private static void AddChart(Html page, string title, Markup picture, string[] keys)
    {
        const string hint = "Left and right arrow keys step through the epochs.";
        page.Add($"""<figure class="chart" tabindex="0" role="group" aria-label="{title} by epoch. {hint}"><figcaption><b>{title}</b>""");
        foreach (string key in keys)
            page.Add($"""<span class="key {key}">{key}</span>""");
        page.Add($"""</figcaption>{picture}<output>epochs from left to right</output></figure>""");
    }

    private static void AddClasses(Html page, ClassificationMetrics metrics)
    {
        page.Add($"""<section aria-labelledby="classes"><h2 id="classes">Classes</h2>""");
        page.Add($"""<div class="scroll" tabindex="0" role="region" aria-labelledby="classes">""");
        page.Add($"""<table>{Html.Head("class", "clips", "precision", "recall", "F1")}<tbody>""");
        foreach (ClassMetrics c in metrics.Classes)
            AddRow(c.Name, c.Clips, c.Precision, c.Recall, c.F1);
        page.Add($"</tbody><tfoot>");
        AddRow("macro mean", metrics.Confusion.Total, metrics.MacroPrecision, metrics.MacroRecall, metrics.MacroF1);
        page.Add($"</tfoot></table></div>");
        foreach (string remark in metrics.Undefined)
            page.Add($"""<p class="quiet">{Capital(remark)}.</p>""");
        page.Add($"</section>");

        void AddRow(string name, int clips, params double[] shares)
        {
            page.Add($"""<tr><th scope="row"><bdi>{name}</bdi></th><td>{clips}</td>""");
            foreach (double share in shares)
                page.Add($"""<td class="bar" style="--share:{share:0.###}">{share:0.000}</td>""");
            page.Add($"</tr>");
        }
    }

    private static void AddConfusion(Html page, ConfusionMatrix table)
    {
        int count = table.Classes.Count;
        page.Add($"""
            <section aria-labelledby="confusion"><h2 id="confusion">Which class was taken for which</h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="confusion">
            <table class="confusion{(count > WideClasses ? " many" : "")}">
            <caption>A row for the clips of each class, a column for each answer; blue are right ones.</caption>
            <thead><tr><th scope="col">clips of</th>
            """);
        foreach (string name in table.Classes)
            page.Add($"""<th scope="col"><bdi>{name}</bdi></th>""");
        page.Add($"</tr></thead><tbody>");
        for (int truth = 0; truth < count; truth++)
        {
            page.Add($"""<tr><th scope="row"><bdi>{table.Classes[truth]}</bdi></th>""");
            int clips = Enumerable.Range(0, count).Sum(answer => table[truth, answer]);
            for (int answer = 0; answer < count; answer++)
            {
                int cell = table[truth, answer];
                string kind = cell == 0 ? "none" : truth == answer ? "right" : "wrong";
                double share = (double)cell / Math.Max(1, clips);
                string title = $"{cell} of {clips} clips of {table.Classes[truth]} taken for {table.Classes[answer]}";
                page.Add($"""<td class="{kind}" style="--share:{share:0.###}" title="{title}">{cell}</td>""");
            }
            page.Add($"</tr>");
        }
        page.Add($"</tbody></table></div></section>");
    }

    private static void AddClips(Html page, ClassificationMetrics metrics, DataFolder data, CancellationToken ct)
    {
        IReadOnlyList<string> classes = metrics.Confusion.Classes;
        page.Add($"""<section aria-labelledby="clips"><h2 id="clips">Clips with the highest loss</h2><div class="clips">""");
        foreach (ClipPrediction p
            in metrics.Predictions.OrderByDescending(p => p.Loss).ThenBy(p => p.Clip.Label, StringComparer.Ordinal).Take(ShownClips))
        {
            page.Add($"""<article class="clip">""");
            AddStrip(page, data, p.Clip, ct);
            string judgement = p.IsRight ? "rightly" : "wrongly";
            page.Add($"""
                <div><h3><bdi>{p.Clip.Label}</bdi></h3>
                <p><bdi>{classes[p.Label]}</bdi>, {judgement} taken for <bdi>{classes[p.Predicted]}</bdi>; loss {Number(p.Loss)}</p>
                <ul aria-label="probabilities">
                """);
            int[] likeliest = [.. Enumerable.Range(0, classes.Count).OrderByDescending(c => p.Probabilities[c]).Take(ShownProbabilities)];
            foreach (int c in likeliest.Contains(p.Label) ? likeliest : [.. likeliest[..^1], p.Label])
                page.Add($"""<li{new Markup(c == p.Label ? " class=\"truth\"" : "")} style="--share:{p.Probabilities[c]:0.###}">"""
                    + $"""<bdi>{classes[c]}</bdi> <span>{Percent(p.Probabilities[c])}</span></li>""");
            page.Add($"</ul></div></article>");
        }
        page.Add($"</div></section>");
    }

    private static void AddStrip(Html page, DataFolder data, Clip clip, CancellationToken ct)
    {
        try
        {
            var picture = new Markup(Convert.ToBase64String(ClipStrip.Draw(data, clip, ct)));
            page.Add($"""<img alt="Frames of {clip.Label} from its beginning, middle and end" src="data:image/jpeg;base64,{picture}">""");
        }
        catch (Exception e) when (InputFailure.IsOfOne(e))
        {
            // An ffmpeg that was ended breaks the pipe to it before it says why.
            ct.ThrowIfCancellationRequested();
            page.Add($"""<p class="nothing quiet">no picture: {e.Message}</p>""");
        }
    }

    private static void AddFacts(Html page, IReadOnlyList<(string Heading, IReadOnlyList<(string Name, string Value)> Values)> facts)
    {
        page.Add($"""<section aria-labelledby="facts"><h2 id="facts">How it was done</h2><div class="facts">""");
        foreach ((string heading, IReadOnlyList<(string Name, string Value)> values) in facts)
        {
            page.Add($"<div><h3>{heading}</h3><dl>");
            foreach ((string name, string value) in values)
                page.Add($"<div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div>");
            page.Add($"</dl></div>");
        }
        page.Add($"</div></section>");
    }

    private static EpochResult Best(IReadOnlyList<EpochResult> epochs) => epochs.MinBy(e => e.ValidationLoss);

    private static string Percent(double share) => share.ToString("0.0%", CultureInfo.InvariantCulture);

    // Small losses keep their digits.
    private static string Number(double value) =>
        value.ToString(Math.Abs(value) is > 0 and < 0.001 ? "0.00e0" : "0.####", CultureInfo.InvariantCulture);

    private static string Rate(EpochResult epoch) => epoch.LearningRate?.ToString("g4", CultureInfo.InvariantCulture) ?? "unknown";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
